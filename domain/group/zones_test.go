package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestCalendarZone(t *testing.T) {
	branch := func(b id.Branch, zone civil.Zone) group.Event { return group.BranchZoneSet{Branch: b, Zone: zone} }
	history := append(append([]group.Event{}, founding()...), joins(uma, "user", true, 1)...)
	history = append(history, group.BranchCreated{Branch: harbour, Name: "Harbour"}, group.ClinicianBranchesSet{Clinician: uma, Added: []id.Branch{harbour}})
	is := func(zone civil.Zone, source group.ZoneSource, more ...group.Event) {
		t.Helper()
		got, by := group.Aggregate().Fold(append(history[:len(history):len(history)], more...)...).CalendarZoneOf(uma)
		require.Equal(t, zone, got)
		require.Equal(t, source, by)
	}
	practices := group.Aggregate().Fold(history...).Zone()
	t.Run("BKG-A4 the clinician's own, else that on which their branches agree, else the practice's", func(*testing.T) {
		is(practices, group.GroupZone)
		is("Europe/London", group.BranchZone, branch(harbour, "Europe/London"))
		is("Europe/London", group.BranchZone, branch(harbour, "Europe/London"), branch(mainSt, "Europe/London"))
		is(practices, group.GroupZone, branch(harbour, "Europe/London"), branch(mainSt, "Europe/Paris"))
		is("Europe/London", group.BranchZone, branch(harbour, "Europe/London"), branch(mainSt, "Europe/Paris"), branch(mainSt, ""))
		is("Asia/Kolkata", group.OwnZone, branch(harbour, "Europe/London"), group.ClinicianZoneSet{Clinician: uma, Zone: "Asia/Kolkata"})
	})
}
