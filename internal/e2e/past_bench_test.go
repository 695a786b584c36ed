package e2e_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkListsAsOfAMoment measures the lists that answer about the past, through HTTP, on
// the demo's practice, which has about 3,400 events: as of now, so that all of them are
// folded. Beside each stands the same list of the present, as the floor of the same run.
func BenchmarkListsAsOfAMoment(b *testing.B) {
	i := newInstallation(b)
	i.succeed(b, "demo", "--stop")
	i.serve(b)
	olivia := i.signIn(b, "olivia")
	practice := "/v1/groups/" + olivia.me(b).Group
	for name, path := range map[string]string{
		"roster": "/charts?", "directory": "/members?", "permissions": "/permissions?", "balances": "/billing/balance?",
		"history": "/billing/history?", "calendar": "/appointments?cancelled=true&",
	} {
		asOf := "asOf=" + url.QueryEscape(time.Now().UTC().Format(time.RFC3339))
		for about, query := range map[string]string{"present": "", "past": asOf} {
			b.Run(name+"/"+about, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					began := time.Now()
					var answer object
					olivia.get(b, practice+path+query, "", &answer)
					took = append(took, time.Since(began))
				}
				require.NotEmpty(b, took)
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			})
		}
	}
}
