//! What can be asked of the measuring program, and what it has to do that with.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use clap::Parser;

use super::postgres::Postgres;
use super::say;
use crate::event::{Noise, Shape};
use crate::template::Templates;

/// Measures ingest: ceilings and Andon, each alone with the generator on the same two processors.
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// The program to measure.
    #[arg(long)]
    pub andon: PathBuf,
    /// The program for the ceilings; beside this one unless said.
    #[arg(long)]
    pub ceiling: Option<PathBuf>,
    /// Folder for data and for the report.
    #[arg(long, default_value = "target/bench")]
    pub out: PathBuf,
    /// How often each server is measured, in turn; medians are reported.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 15)]
    pub seconds: u64,
    /// Minutes of twice the load that a server can take.
    #[arg(long, default_value_t = 10)]
    pub minutes: u64,
    /// Two short rounds and one minute, unless said otherwise: for a look, not for figures.
    #[arg(long)]
    pub quick: bool,
    /// Also fill up to a million events (or so many), and measure there. Takes disk and time.
    #[arg(long, value_name = "EVENTS", num_args = 0..=1, default_missing_value = "1000000")]
    pub million: Option<u64>,
    /// Only the table, nothing else.
    #[arg(long)]
    pub table_only: bool,
    /// Connections that send at once.
    #[arg(long, default_value_t = 32)]
    pub connections: usize,
    /// The environment variable by which Andon is told a database's address. With it, Andon is measured
    /// over a PostgreSQL of the bench's own as well.
    #[arg(long, value_name = "VARIABLE")]
    pub postgres_setting: Option<String>,
    /// More for Andon's environment, e.g. `ANDON_LOG=warn`.
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
}

impl Options {
    /// Reads the command line; `--quick` changes what was left as it was.
    pub fn read() -> Self {
        let mut options = Self::parse();
        if options.quick {
            options.rounds = options.rounds.min(2);
            options.seconds = options.seconds.min(5);
            options.minutes = options.minutes.min(1);
        }
        options
    }

    /// How long one measurement takes.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// The program for the ceilings.
    pub fn ceiling_program(&self) -> PathBuf {
        self.ceiling.clone().unwrap_or_else(|| {
            let own = std::env::current_exe().unwrap_or_default();
            own.with_file_name("ceiling")
        })
    }

    /// The ways to run Andon.
    pub fn configurations(&self) -> Vec<Configuration> {
        let environment: Vec<(String, String)> = self
            .env
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let sqlite = Configuration {
            name: "Andon, SQLite".into(),
            environment: environment.clone(),
            postgres_setting: None,
        };
        let mut all = vec![sqlite];
        match &self.postgres_setting {
            Some(_) if Postgres::programs().is_none() => {
                say(
                    "PostgreSQL's server programs are not installed; Andon over it is not measured",
                );
            }
            Some(setting) => all.push(Configuration {
                name: "Andon, PostgreSQL".into(),
                environment,
                postgres_setting: Some(setting.clone()),
            }),
            None => {}
        }
        all
    }
}

/// A way to run Andon.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What the table calls it.
    pub name: String,
    /// Its environment.
    pub environment: Vec<(String, String)>,
    /// The variable that names the database, if it is to be PostgreSQL.
    pub postgres_setting: Option<String>,
}

/// What every measurement needs.
pub struct Bench {
    /// What was asked for.
    pub options: Options,
    /// The events of the table.
    pub events: Templates,
}

impl Bench {
    /// Prepares the events.
    pub fn new(options: Options) -> Result<Self> {
        std::fs::create_dir_all(&options.out)?;
        say("preparing 10,000 different events of 40 KB");
        let events = Templates::new(shape(Noise::None, 200)?, true);
        Ok(Self { options, events })
    }

    /// A folder that does not exist yet.
    pub fn fresh_folder(&self) -> Result<PathBuf> {
        let folder = self.options.out.join("data");
        remove(&folder)?;
        std::fs::create_dir_all(&folder)?;
        Ok(folder.canonicalize()?)
    }
}

/// Removes a folder, if it is there.
pub fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

/// Fifty issues of 40 KB events.
pub fn shape(noise: Noise, variants: u64) -> Result<Shape> {
    Ok(Shape {
        issues: 50,
        variants,
        frames: 30,
        breadcrumbs: 40,
        noise,
        seed: 1,
        happened: SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64(),
    })
}
