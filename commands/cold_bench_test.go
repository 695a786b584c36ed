package commands_test

import (
	"log/slog"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// old is a practice with long histories, behind the embedded node and the client.
type old struct {
	store    *eventstore.Store
	registry *es.Registry
	call     func() commands.Call
	group    id.Group
	owner    id.Member
	branch   id.Branch
	patient  id.Chart
	visit    booking.Terms
	meta     es.Metadata
}

func openOld(b *testing.B) *old {
	b.Helper()
	node, err := eventnode.Open(eventnode.Config{Dir: b.TempDir()})
	require.NoError(b, err)
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address()})
	require.NoError(b, err)
	b.Cleanup(func() {
		store.Close()
		require.NoError(b, node.Close(b.Context()))
	})
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(b, err)
	account := id.New[id.Account]()
	o := &old{
		store: store, registry: registry, group: id.New[id.Group](), owner: id.New[id.Member](), branch: id.New[id.Branch](), patient: id.New[id.Chart](),
		visit: booking.Terms{Type: id.New[id.AppointmentType](), Name: "Visit", LengthMin: 50, PaddingMin: 10},
	}
	o.call = func() commands.Call {
		return commands.Call{Account: account, Group: o.group, Command: id.New[id.Command](), Causation: "request", Correlation: "request", Request: "request"}
	}
	e := o.engine()
	done := func(_ commands.Receipt, err error) { require.NoError(b, err) }
	done(commands.CreateGroup.Give(b.Context(), e, o.call(), group.CreateGroup{
		Group: o.group, Name: "Elm Street", Owner: o.owner, OwnerIsClinician: true, BillingZone: "UTC", Currency: "USD",
		DefaultBranch: o.branch, DefaultBranchName: "Main",
	}))
	done(commands.GrantPermission.Give(b.Context(), e, o.call(), group.GrantPermission{Member: o.owner, Capability: access.ChartCreate, Scope: access.ScopeGroup}))
	done(commands.CreateChart.Give(b.Context(), e, o.call(), chart.CreateChart{Chart: o.patient, Patient: chart.Demographics{FamilyName: "Doe"}, Primary: o.owner}))
	done(commands.AddAppointmentType.Give(b.Context(), e, o.call(), booking.AddAppointmentType{Terms: o.visit}))
	for rec, err := range store.ReadStream(b.Context(), group.Stream(o.group), 0) {
		require.NoError(b, err)
		env, err := registry.Decode(rec)
		require.NoError(b, err)
		o.meta = env.Meta
	}
	return o
}

// engine is of a process that was just started: it has folded nothing yet.
func (o *old) engine() *commands.Engine {
	return commands.NewEngine(commands.Config{Store: o.store, Registry: o.registry, Clock: func() time.Time { return founded }, Logger: slog.New(slog.DiscardHandler)})
}

// fill lets a stream have n events; each has the metadata of a command of its own.
func (o *old) fill(b *testing.B, stream es.Stream, n int, event func(i int) any) {
	b.Helper()
	at := es.NoStream
	for rec, err := range o.store.ReadStream(b.Context(), stream, 0) {
		require.NoError(b, err)
		at = rec.Revision
	}
	for i := int(at) + 1; i < n; {
		var batch []es.Proposed
		for ; i < n && len(batch) < es.MaxAppendSize; i++ {
			meta := o.meta
			meta.Command = id.New[id.Command]()
			typ, data, metadata, err := o.registry.Encode(event(i), es.Subject{}, meta)
			require.NoError(b, err)
			batch = append(batch, es.Proposed{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: metadata})
		}
		done, err := o.store.Append(b.Context(), stream, es.At(at), batch)
		require.NoError(b, err)
		at = done.Revision
	}
}

// processorTime is what this process took of the processors so far, the node's share
// included: other work on the machine hardly changes it.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkCold is the first command that a process gets on an aggregate with a long
// history, and the floor of the same run: reading the bytes of that history. Node and client
// are in the same process.
func BenchmarkCold(b *testing.B) {
	measure := func(b *testing.B, o *old, stream es.Stream, command func(e *commands.Engine, i int) error) {
		b.Helper()
		run := func(name string, f func(b *testing.B, i int)) {
			b.Run(name, func(b *testing.B) {
				before := processorTime(b)
				for i := 0; b.Loop(); i++ {
					f(b, i)
				}
				b.ReportMetric(float64((processorTime(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
			})
		}
		n := 0
		run("reading", func(b *testing.B, _ int) {
			for _, err := range o.store.ReadStream(b.Context(), stream, 0) {
				require.NoError(b, err)
			}
		})
		run("command", func(b *testing.B, _ int) {
			n++
			require.NoError(b, command(o.engine(), n))
		})
	}
	b.Run("group of 20,000 events", func(b *testing.B) {
		o := openOld(b)
		o.fill(b, group.Stream(o.group), 20_000, func(i int) any {
			capability := access.Capabilities()[i/2%20]
			if i%2 == 0 {
				return group.PermissionGranted{Member: o.owner, Capability: capability, Scope: access.ScopeGroup, GrantedBy: o.owner, Rule: id.New[id.Event]()}
			}
			return group.PermissionOverrideCleared{Member: o.owner, Capability: capability, ClearedBy: o.owner}
		})
		measure(b, o, group.Stream(o.group), func(e *commands.Engine, i int) error {
			_, err := commands.RenameBranch.Give(b.Context(), e, o.call(), group.RenameBranch{Branch: o.branch, Name: "Main " + strconv.Itoa(i)})
			return err
		})
	})
	b.Run("calendar of 20,000 appointments", func(b *testing.B) {
		o := openOld(b)
		cal := booking.CalendarID{Group: o.group, Clinician: o.owner}
		o.fill(b, cal.Stream(), 20_000, func(i int) any {
			start := founded.Truncate(24*time.Hour).AddDate(0, 0, i/8-20_000/8+30).Add(time.Duration(9+i%8) * time.Hour)
			return booking.AppointmentBooked{
				Appointment: id.New[id.Appointment](), Chart: o.patient, Terms: o.visit, Channel: booking.ByStaff,
				When: booking.When{Start: start, Zone: "America/New_York", Rules: "2026a"},
			}
		})
		measure(b, o, cal.Stream(), func(e *commands.Engine, i int) error {
			_, err := commands.BookAppointment.Give(b.Context(), e, o.call(), cal, booking.BookAppointment{
				Appointment: id.New[id.Appointment](), Chart: o.patient, Type: o.visit.Type, Channel: booking.ByStaff, OverlapReason: "urgent",
				Start: founded.Truncate(24*time.Hour).AddDate(0, 0, 40+i),
			})
			return err
		})
	})
	b.Run("ledger of 6,000 events", func(b *testing.B) {
		o := openOld(b)
		l := invoice.LedgerID{Group: o.group, Chart: o.patient, Clinician: o.owner}
		o.fill(b, l.Stream(), 6_000, func(i int) any {
			name := func(n int) string { return strconv.Itoa(n / 4) }
			charge, bill, payment := id.Derive[id.Charge](name(i)), id.Derive[id.Invoice](name(i)), id.Derive[id.Payment](name(i))
			switch i % 4 {
			case 0:
				return invoice.ChargeRecorded{Charge: charge, ServiceDate: foundingDay.Add(-i), Code: "90837", Description: "Session", Units: 1, UnitPrice: usd(100_00), Amount: usd(100_00)}
			case 1:
				return invoice.Drafted{Invoice: bill, Date: foundingDay, Terms: invoice.Terms{Kind: invoice.OnReceipt}, Charges: []id.Charge{charge}, Total: usd(100_00)}
			case 2:
				return invoice.Issued{Invoice: bill, Sequence: invoice.Number(i), Number: "INV-" + name(i), Version: 1, Date: foundingDay, Terms: invoice.Terms{Kind: invoice.OnReceipt}, Charges: []id.Charge{charge}, Total: usd(100_00)}
			default:
				return invoice.PaymentRecorded{Payment: payment, Amount: usd(100_00), ReceivedOn: foundingDay.Add(-i), Method: invoice.Check, ExternalRef: name(i)}
			}
		})
		measure(b, o, l.Stream(), func(e *commands.Engine, _ int) error {
			_, err := commands.RecordCharge.Give(b.Context(), e, o.call(), l, invoice.RecordCharge{
				Charge: id.New[id.Charge](), ServiceDate: foundingDay, Code: "90837", Units: 1, UnitPrice: usd(100_00),
			})
			return err
		})
	})
}
