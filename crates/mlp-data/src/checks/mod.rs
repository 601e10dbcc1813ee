//! What is looked at before data are trusted: equal rows (`equal`), pictures that are nearly the
//! same (`near`), copies that stand in two parts (`copies`), columns that give the target away
//! (`leak`). Nothing here changes data or draws random numbers.

mod copies;
mod equal;
mod leak;
mod near;

pub use copies::{Cluster, Copies};
pub use equal::{Equal, equal_rows};
pub use leak::{Leak, leaks};
pub use near::near_pictures;
