package invariant_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/invoice"
)

// The manual says that the process needs up to 300 bytes for every event. The heap
// may grow to twice what is live, so a practice whose charts have ten events each must
// stay within half of that.
func TestFoundW14_MemoryStaysWithinWhatTheManualSays(t *testing.T) {
	const charts, perEvent = 2_000, 150
	b := newBook(t)
	founded(b)
	for n := range charts {
		file := id.Derive[id.Chart](fmt.Sprint("chart ", n))
		b.add(chart.Stream(practice, file), chart.Created{Chart: file, Group: practice, FamilyName: "Doe", Branch: main, Primary: olivia, PrimaryRule: chart.ByChoice})
		ledger := invoice.LedgerID{Group: practice, Chart: file, Clinician: olivia}.Stream()
		for k := range 8 {
			b.add(ledger, invoice.ChargeRecorded{Charge: id.Derive[id.Charge](fmt.Sprint(n, " ", k)), ServiceDate: today, Units: 1, UnitPrice: usd(100_00), Amount: usd(100_00)})
		}
		b.add(ledger, invoice.PaymentRecorded{Payment: id.Derive[id.Payment](fmt.Sprint(n)), Amount: usd(100_00), ReceivedOn: today})
	}
	before := live()
	a := invariant.New(b.now, id.Group{})
	for _, env := range b.log {
		a.Add(env)
	}
	grown := int(live() - before)
	require.Less(t, grown/len(b.log), perEvent, "bytes for every event")
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
}

// live is how many bytes of the heap are in use.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
