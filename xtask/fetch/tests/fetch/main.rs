//! Fetching against a real HTTP server on loopback, which misbehaves by turns: `mirrors`; folders of the user:
//! `from`; several processes and killed ones: `processes`; archives that attack: `attacks`; damaged ones:
//! `damaged`; and with the `mlp` program after it: `train`. The server: `server`; what is fetched: `make`.

mod attacks;
mod damaged;
mod from;
mod make;
mod mirrors;
mod processes;
mod server;
mod train;
