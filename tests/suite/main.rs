mod checks;
mod repo;
mod support_repo;
