package retry_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/internal/logtest"
	"praxis/internal/retry"
)

func lines(b *logtest.Buffer) []string {
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func newLoop() (*retry.Loop, *logtest.Buffer) {
	logs := &logtest.Buffer{}
	handler := slog.NewTextHandler(logs, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	return &retry.Loop{What: "the outbox", Logger: slog.New(handler), Attrs: []any{"name", "one"}}, logs
}

func TestLoop_OneLineWhenItBeginsAndOneWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, logs := newLoop()
		began := time.Now()
		for range 1000 {
			l.Failed("25006")
			require.NoError(t, l.Pause(t.Context()))
		}
		require.GreaterOrEqual(t, time.Since(began), 990*2500*time.Millisecond, "a thousand attempts take their time")
		took := time.Since(began)
		l.Worked()
		l.Worked()
		<-time.After(4 * time.Second)
		require.Len(t, lines(logs), 1, "not over before it has worked for a while")
		<-time.After(2 * time.Second)
		require.Equal(t, []string{
			`level=WARN msg="the outbox fails and is tried again" error=25006 name=one`,
			fmt.Sprintf(`level=INFO msg="the outbox works again" failures=1000 after=%s name=one`, took.Round(time.Millisecond)),
		}, lines(logs))
	})
}

func TestLoop_WhatKeepsComingBackIsOneTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, logs := newLoop()
		for n := range 200 {
			l.Failed(fmt.Sprintf("reason %d", n%10))
			l.Worked()
			<-time.After(time.Second)
		}
		require.Len(t, lines(logs), 3, "the first three reasons")
	})
}

func TestLoop_PausesGrowAndVary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newLoop()
		seen := map[time.Duration]bool{}
		for n := range 20 {
			l.Failed("x")
			began := time.Now()
			require.NoError(t, l.Pause(t.Context()))
			took, most := time.Since(began), min(25*time.Millisecond<<n, 5*time.Second)
			require.GreaterOrEqual(t, took, most/2)
			require.LessOrEqual(t, took, most)
			seen[took] = true
		}
		require.Greater(t, len(seen), 10, "no two servers keep in step")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, l.Pause(ctx), context.Canceled)
	})
}
