//! Git and files: sources at a commit, the working tree, jailed paths.
