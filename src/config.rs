//! Configuration: `andon.toml`, overridden by `ANDON_…` variables, overridden by flags.
