//! The benchmark kit: the product against the limit, measured in the same run.
//!
//! `cargo bench --bench kit -- --size M` measures; without `--bench`, as `cargo test` runs it, the
//! smallest corpus goes through every job once and only the results are judged, never the times.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own beside the product: it lays out files, looks at clocks and prints"
)]

mod agents;
#[cfg(unix)]
mod branches;
mod corpus;
mod jobs;
#[cfg(unix)]
mod keeping;
#[cfg(unix)]
mod lift;
#[cfg(unix)]
mod limit;
mod measure;
mod options;
#[cfg(unix)]
mod peers;
mod report;
mod run;
#[cfg(unix)]
mod same;
#[cfg(unix)]
mod sources;
mod watching;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kit: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(unix))]
fn dispatch(_: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    println!("the kit needs a Unix: the limit is written against its calls");
    Ok(())
}

#[cfg(unix)]
fn dispatch(arguments: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    match arguments {
        [word, job, root, rest @ ..] if word == "limit" => {
            // Kept as short as a program can be: it is what everything is held against.
            print!("{}", limit::run(job, root.as_ref(), rest)?);
            Ok(())
        }
        [word, rest @ ..] if word == "make" => run::make(rest),
        _ if arguments.iter().any(|a| a == "--peers") => peers::measured(&options::Options::read(arguments)?),
        _ if arguments.iter().any(|a| a == "--bench") => run::measured(&options::Options::read(arguments)?),
        _ => run::tested(),
    }
}
