package process_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands/process"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
)

func TestFoundW1_NoProcessActsOnALogThatIsRefused(t *testing.T) {
	h := newHouse(t, database(t))
	c := h.open()
	h.Pass(40 * day)
	asked, released := make(chan struct{}, 100), make(chan struct{})
	r := h.runner(func(config *process.Config) {
		config.Tick = time.Millisecond
		config.Check = func(context.Context) error {
			select {
			case <-released:
				return nil
			default:
			}
			select {
			case asked <- struct{}{}:
			default:
			}
			return errors.New("another log")
		}
	})
	h.start(r)
	<-asked
	<-asked
	require.Equal(t, []string{"chart.created"}, h.types(c))
	close(released)
	h.until(r, h.Settled)
	require.Equal(t, []string{"chart.created", "chart.status_changed", "chart.archived"}, h.types(c))

	var last, kept es.Mark
	for rec, err := range h.Store.ReadAll(t.Context(), catalog.Categories(), es.Position{}) {
		require.NoError(t, err)
		last = rec.Mark()
	}
	var event id.Event
	require.NoError(t, h.Pool.QueryRow(t.Context(), "select event_commit, event_prepare, event_id from praxis.process where name = $1", h.status(r).Name).
		Scan(&kept.Position.Commit, &kept.Position.Prepare, &event))
	kept.ID = event
	require.Equal(t, last, kept, "the checkpoint keeps the last event that it covers")
}
