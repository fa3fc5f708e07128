mod checks;
mod compiler_agent;
mod repo;
mod support_repo;
