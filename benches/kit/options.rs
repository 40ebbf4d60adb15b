//! What the command line asks for.

use std::path::PathBuf;

use super::corpus::Shape;

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) size: String,
    pub(crate) shape: Shape,
    pub(crate) runs: usize,
    pub(crate) json: bool,
    /// Only jobs whose name begins with one of these.
    pub(crate) only: Vec<String>,
    /// The program that is measured.
    pub(crate) ours: PathBuf,
    /// Where the corpus is laid out and left; a temporary directory when not given.
    pub(crate) dir: Option<PathBuf>,
}

impl Options {
    pub(crate) fn of_size(size: &str) -> Option<Self> {
        let (sessions, tasks, runs) = match size {
            "S" => (1, 50, 5),
            "M" => (100, 100, 9),
            "L" => (1000, 1000, 3),
            "XL" => (1, 100_000, 3),
            _ => return None,
        };
        Some(Self {
            size: size.to_owned(),
            shape: Shape { sessions, tasks, crlf: 5, seed: 1 },
            runs,
            json: false,
            only: Vec::new(),
            ours: PathBuf::from(env!("CARGO_BIN_EXE_plandown")),
            dir: None,
        })
    }

    pub(crate) fn read(arguments: &[String]) -> Result<Self, Box<dyn std::error::Error>> {
        let mut pairs = Vec::new();
        let mut json = false;
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            match name.as_str() {
                "--bench" | "--peers" => {}
                "--json" => json = true,
                name => pairs.push((name, rest.next().ok_or(format!("`{name}` wants a value"))?.as_str())),
            }
        }
        let size = pairs.iter().find(|(n, _)| *n == "--size").map_or("S", |(_, v)| v);
        let mut options = Self::of_size(size).ok_or("sizes are S, M, L, XL")?;
        options.json = json;
        for (name, value) in pairs {
            match name {
                "--size" => {}
                "--sessions" => options.shape.sessions = value.parse()?,
                "--tasks" => options.shape.tasks = value.parse()?,
                "--crlf" => options.shape.crlf = value.parse()?,
                "--seed" => options.shape.seed = value.parse()?,
                "--runs" => options.runs = value.parse::<usize>()?.max(1),
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--ours" => options.ours = value.into(),
                "--dir" => options.dir = Some(value.into()),
                other => return Err(format!("unknown option `{other}`").into()),
            }
        }
        Ok(options)
    }
}
