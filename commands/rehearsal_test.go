package commands_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/group"
)

// What the store would not take is refused before it is asked, in both ways.
func TestFoundP8_ADryRunRefusesWhatTheStoreWouldNotTake(t *testing.T) {
	p := newPractice(t)
	rename := func(call commands.Call) error {
		call.Reason = strings.Repeat("r", 70<<10)
		receipt, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, call, group.UpdatePracticeInfo{City: new("Harbor")})
		require.Empty(t, receipt.Events)
		return err
	}
	requireFault(t, rename(dry(p.by(p.owner))), "event_too_large")
	p.unchanged(func() { requireFault(t, rename(p.by(p.owner)), "event_too_large") })
}
