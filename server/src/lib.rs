//! The HTTP server of a Glasshouse ledger, and the commands of its operators and providers.
//!
//! The library exists so that tests and the demonstration can start a server in their own process:
//! [`http_server`] takes any router, [`app`] builds the router of a ledger, [`static_side`] is the part of it
//! that a plain file server could give as well (C2SP tlog-tiles). [`commands`] is the command line.

pub mod app;
mod app_state;
mod body;
pub mod budget;
pub mod check;
pub mod client;
pub mod commands;
pub mod demo;
pub mod european;
mod html;
pub mod http_server;

pub mod ledger_server;
pub mod limits;
mod look_ups;
pub mod measure;
mod newest;
pub mod openapi;
pub mod outbox;
pub mod problem;
mod provider_view;
mod routes;
mod statement_view;
pub mod static_side;
mod submission;
pub mod system_clock;
mod unstalled;
pub mod writer_thread;
