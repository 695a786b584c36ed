package access_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/id"
)

// patientWith is a patient whose link to their chart names these permissions.
func patientWith(may ...access.Capability) access.Subject {
	return access.Subject{Kind: access.KindPatient, Group: practice, Links: []access.Link{{Chart: myChart, May: may}}}
}

// What each limit gives, and that it gives nothing else.
func TestEachLimitOfALinkGivesWhatItNames(t *testing.T) {
	own := access.Resource{Group: practice, Clinician: other, Chart: myChart}
	for named, gives := range map[access.Capability][]access.Capability{
		access.AppointmentViewOwn: {access.AppointmentViewOwn},
		access.AppointmentBookOwn: {access.AppointmentBookOwn, access.AppointmentViewOwn, access.SlotsView},
		access.AccessReportOwn:    {access.AccessReportOwn},
	} {
		require.Contains(t, access.PatientCapabilities(), named)
		for _, c := range capabilities() {
			d := access.Decide(patientWith(named), c, own, now)
			switch {
			case slices.Contains(gives, c):
				require.Equal(t, access.Decision{Allowed: true, Rule: access.RulePatient}, d, "%s: %s", named, c)
			case c == access.SlotsView || slices.Contains(access.PatientCapabilities(), c):
				require.Equal(t, access.Decision{Rule: access.RulePatientLimit}, d, "%s: %s", named, c)
			default:
				require.Equal(t, access.Decision{Rule: access.RuleGuardrail}, d, "%s: %s", named, c)
			}
		}
	}
	require.Len(t, access.PatientCapabilities(), 3, "each limit has its row here")
}

func TestALinkEndsAtItsInstant(t *testing.T) {
	own := access.Resource{Group: practice, Chart: myChart}
	guardian := patientWith(access.AppointmentViewOwn)
	guardian.Links[0].Until = now
	require.Equal(t, access.Decision{Allowed: true, Rule: access.RulePatient}, access.Decide(guardian, access.AppointmentViewOwn, own, now.Add(-time.Second)))
	require.Equal(t, access.Decision{Rule: access.RuleDefaultDeny}, access.Decide(guardian, access.AppointmentViewOwn, own, now))
	require.False(t, access.ReachOf(guardian, access.AppointmentViewOwn, now.Add(-time.Second)).Empty())
	require.True(t, access.ReachOf(guardian, access.AppointmentViewOwn, now).Empty())
}

// Whatever links an account has, only what one of them names of this very chart is allowed,
// and the reach is the same.
func TestPatientsGetNoMoreThanTheirLinksName(t *testing.T) {
	charts := []id.Chart{myChart, farChart, {}}
	rapid.Check(t, func(t *rapid.T) {
		link := rapid.Custom(func(t *rapid.T) access.Link {
			return access.Link{
				Chart: rapid.SampledFrom(charts).Draw(t, "chart"),
				May:   rapid.SliceOfN(rapid.SampledFrom(append(capabilities(), "")), 0, 4).Draw(t, "may"),
				Until: rapid.SampledFrom([]time.Time{{}, now, now.Add(time.Second), now.Add(-time.Hour)}).Draw(t, "until"),
			}
		})
		s := access.Subject{Kind: access.KindPatient, Group: practice, Links: rapid.SliceOfN(link, 0, 3).Draw(t, "links")}
		r := access.Resource{Group: rapid.SampledFrom([]id.Group{practice, elsewhere}).Draw(t, "group"), Chart: rapid.SampledFrom(charts).Draw(t, "asked")}
		c := rapid.SampledFrom(capabilities()).Draw(t, "capability")

		want := false
		for _, l := range s.Links {
			named := slices.Contains(l.May, c) ||
				slices.Contains(l.May, access.AppointmentBookOwn) && (c == access.SlotsView || c == access.AppointmentViewOwn)
			patients := c == access.SlotsView || slices.Contains(access.PatientCapabilities(), c)
			holds := l.Until.IsZero() || l.Until.After(now)
			want = want || named && patients && holds && r.Group == practice && l.Chart == r.Chart && !r.Chart.IsZero()
		}
		require.Equal(t, want, access.Decide(s, c, r, now).Allowed)
		require.Equal(t, want, access.ReachOf(s, c, now).Contains(r))
	})
}
