package main

import (
	"errors"
	"log"
	"os"
	"time"

	"github.com/getsentry/sentry-go"
)

func main() {
	err := sentry.Init(sentry.ClientOptions{
		Dsn:              "http://KEY@andon.example:5001/1",
		Release:          os.Getenv("SENTRY_RELEASE"), // the commit that was built
		Environment:      "production",
		AttachStacktrace: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer sentry.Flush(5 * time.Second)

	// A test.
	sentry.CaptureException(errors.New("a test of Andon"))
}
