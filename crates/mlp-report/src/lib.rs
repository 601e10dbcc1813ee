//! Plots as SVG, pictures, and self-contained HTML pages about a trained model.
//!
//! A [`Plot`] and its kin end in an [`Svg`], which is legible at phone width and right in light and dark; [`Page`] puts
//! them together with text and tables into one file that needs no network and no scripts. All text that comes from data
//! is escaped. Nothing here touches the disk or trains anything.
//!
//! ```
//! use mlp_report::{Axis, Page, Plot, Section, Table};
//!
//! let plot = Plot::new("Loss falls").x(Axis::new("epoch").whole()).y(Axis::new("loss"));
//! let svg = plot.line("training", [(1.0, 0.9), (2.0, 0.5), (3.0, 0.4)]).svg();
//! let mut section = Section::new("Learning curves");
//! section.text("The loss after each epoch.").figure(svg, "Mean loss of an epoch.");
//! section.table(Table::new(["epoch", "loss"]).row(["1", "0.9"]).row(["2", "0.5"]).row(["3", "0.4"]));
//! let mut page = Page::new("A training");
//! page.section(section);
//! let html = page.html();
//! assert!(html.starts_with("<!doctype html>") && !html.contains("http:") && !html.contains("https:"));
//! ```

mod bars;
mod colour;
pub mod curves;
mod matrix;
mod network;
pub mod number;
mod page;
#[cfg(feature = "png")]
mod painter;
mod pixels;
mod plot;
mod raster;
mod saliency;
mod svg;
mod text;

pub use bars::Bars;
pub use colour::{Colour, SERIES, Theme};
pub use matrix::Matrix;
pub use mlp_model as model;
pub use network::NetworkDrawing;
pub use page::{Fact, Page, Section, Table, Text, Thumbnail};
#[cfg(feature = "png")]
pub use painter::{PaintError, Painter};
pub use pixels::{PixelGrid, WeightPictures, picture_row, strip};
pub use plot::{
    Axis, Grid, Plot, Point, bowl, contours, histogram, learning_curve, logistic_gauge,
    precision_recall, predicted_and_true, reliability, residuals, roc, surface,
};
pub use raster::Raster;
pub use saliency::saliency;
pub use svg::Svg;
pub use text::escape;
