//! The HTTP server of a Glasshouse ledger, and the commands of its operators and providers.
//!
//! The library exists so that tests and the demonstration can start a server in their own process:
//! [`http_server`] takes any router, [`app`] builds the router of a ledger, [`static_side`] is the part of it
//! that a plain file server could give as well (C2SP tlog-tiles). [`commands`] is the command line.

pub mod app;
pub mod app_state;
mod body;
pub mod budget;
pub mod commands;
mod html;
pub mod http_server;
pub mod limits;
pub mod measure;
pub mod openapi;
pub mod problem;
mod routes;
pub mod static_side;
pub mod writer_thread;
