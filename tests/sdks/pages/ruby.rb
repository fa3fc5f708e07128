
# The SDK itself waits for one second only.
executor = Sentry.background_worker.instance_variable_get(:@executor)
executor.shutdown
executor.wait_for_termination(60)
