package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
)

// The whole matrix is pinned in testdata; these are the lines of it that rules
// speak of. Reached, letter by letter, are the relations of people_test.go.
func TestWhatTheRolesAreFor(t *testing.T) {
	given := func(role access.Role, c access.Capability) access.Subject {
		s := member(role)
		s.Overrides = []access.Rule{set(c, true, access.ScopeGroup)}
		return s
	}
	t.Run("R-3 C-4 owner and super admins assign branches, archive, change status and export, ordinary clinicians do not", func(t *testing.T) {
		for _, c := range []access.Capability{access.ClinicianBranch, access.ChartArchive, access.ChartStatusChange, access.RosterExport} {
			for _, role := range []access.Role{access.Owner, access.SuperAdmin} {
				require.Equal(t, "gotsmabx", reached(member(role), c), "%s %s", role, c)
			}
			for _, role := range []access.Role{access.Manager, access.User, access.Assistant} {
				require.Equal(t, "........", reached(member(role), c), "%s %s", role, c)
			}
		}
	})
	t.Run("R-6 a user works with their own charts and their care teams'", func(t *testing.T) {
		for _, c := range []access.Capability{access.RosterView, access.ChartClinicalView, access.ChartClinicalWrite, access.TeamView} {
			require.Equal(t, ".ots....", reached(member(access.User), c), c)
		}
	})
	t.Run("R-5 a manager reaches the clinicians they manage besides", func(t *testing.T) {
		require.Equal(t, ".otsm...", reached(member(access.Manager), access.RosterView))
	})
	t.Run("BKG-11 who sets the practice's booking, who reserves in which calendar", func(t *testing.T) {
		for role, policy := range map[access.Role]string{
			access.Owner: "gotsmabx", access.SuperAdmin: "gotsmabx", access.Manager: "........", access.User: "........", access.Assistant: "........",
		} {
			require.Equal(t, policy, reached(member(role), access.BookingPolicyEdit), role)
		}
		for role, calendars := range map[access.Role]string{
			access.Owner: "gotsmabx", access.SuperAdmin: "gotsmabx", access.Manager: ".otsm...", access.User: ".ots....", access.Assistant: "........",
		} {
			require.Equal(t, calendars, reached(member(role), access.CalendarReserve), role)
		}
		require.Equal(t, ".....a..", reached(given(access.Assistant, access.CalendarReserve), access.CalendarReserve), "only of whom they assist, and once they were let")
	})
}
