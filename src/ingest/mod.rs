//! Protocol → event → grouped → durable.
