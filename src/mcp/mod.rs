//! The door for agents: the Model Context Protocol over standard input and output, or HTTP.
//!
//! Decodes a call, runs one operation, encodes the answer as compact text; knows no rule of the plan,
//! touches no file, prints nothing (standard output belongs to the protocol). The only room with an
//! asynchronous runtime: operations run on its blocking threads.
//! Invariants: a tool that is listed works; unknown arguments are refused; text from files comes back
//! marked as data; a panic in an operation is an answer, not the end of the server; an answer is one text, and no
//! tool has an output schema (ARCHITECTURE.md says why).

mod alias;
mod args;
mod ask;
mod clients;
mod completion;
mod door;
mod drain;
mod http;
mod json_edit;
mod legacy;
mod param;
mod progress;
mod prompts;
mod resources;
mod server;
mod stdio;
mod subscriptions;
mod tokens;
mod tool;
mod tools;
mod words;

pub use ask::Question;
pub use clients::{ClientFile, HOSTS, add_server};
pub use door::{Client, Door, Reply};
pub use http::{Http, fresh_token, serve_http, serve_http_as};
pub use server::Server;
pub use stdio::serve_stdio;
pub use tokens::{TokenRow, count_tokens};
pub use tool::Profile;
