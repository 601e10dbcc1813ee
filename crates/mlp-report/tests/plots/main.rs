//! Plots and pages from outside: golden pictures, well-formed XML, odd data, pages without network.

mod gallery;
mod golden;
mod odd;
mod page;
