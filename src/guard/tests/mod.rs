#[cfg(test)]
mod cases;
