//! The HTTP server of a Glasshouse ledger, and the commands of its operators and providers.
//!
//! The library exists so that tests and the demonstration can start a server in their own process:
//! [`http_server`] takes any router, [`app`] builds the router of a ledger, [`static_side`] is the part of it
//! that a plain file server could give as well (C2SP tlog-tiles). [`commands`] is the command line.

mod accept;
mod amended_view;
pub mod annex1;
pub mod app;
mod app_state;
mod body;
pub mod budget;
pub mod check;
pub mod client;
pub mod client_address;
pub mod commands;
mod completeness_view;
mod concise_problem;
mod connection_places;
mod counts_view;
pub mod demo;
mod entity_tag;
pub mod entrance;
pub mod european;
mod export_places;
mod export_rows;
mod fair_budget;
mod feed;
pub mod http_server;
mod huge_pages;

pub mod ledger_server;
pub mod limits;
mod list_view;
mod look_ups;
pub mod measure;
mod named_key;
mod names_view;
mod newest;
mod niceness;
mod open_files;
pub mod openapi;
pub mod outbox;
mod paced_body;
mod pages;
mod parameters;
mod pending;
mod plot;
pub mod problem;
mod provider_view;
mod publisher;
mod reading;
mod routes;
mod sealed_view;
mod search;
pub mod search_steps;
mod server_error;
mod state_view;
mod statement_view;
pub mod static_side;
pub mod storage;
mod submission;
pub mod system_clock;
mod texts;
pub mod ticks;
pub mod tls;
mod turns;
mod unstalled;
mod verify_scripts;
mod vocabulary;
pub mod witness_server;
pub mod witnesses;
pub mod writer_thread;
