package process_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	"praxis/adapters/processes"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/processtest"
	"praxis/internal/runtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

// founded is when the practice of the specs was founded; its clock stands still
// until a spec moves it.
var founded = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)

const (
	day   = 24 * time.Hour
	never = processtest.Never
)

// caretaker is the process of the specs. Thirty days after a chart was opened it
// makes it inactive, archives it when that has happened, and a day later tries
// that again, which a rule refuses. A chart that was archived by hand is left
// alone.
func caretaker(e *commands.Engine) process.Process {
	return process.Process{
		Name: "caretaker", Categories: []es.Category{chart.Category},
		OnEvent: func(env es.Envelope) ([]process.Effect, error) {
			g, _ := env.Stream.Group()
			c, err := id.Parse[id.Chart](env.Stream.Entity())
			if err != nil {
				return nil, err
			}
			switch event := env.Event.(type) {
			case chart.Created:
				return []process.Effect{
					process.SetTimer{Group: g, Key: "quiet:" + c.String(), Due: env.RecordedAt.Add(30 * day)},
				}, nil
			case chart.StatusChanged:
				if event.To == chart.Inactive {
					return []process.Effect{
						archive(e, g, c),
						process.SetTimer{Group: g, Key: "again:" + c.String(), Due: env.RecordedAt.Add(day)},
					}, nil
				}
			case chart.Archived:
				return []process.Effect{process.ClearTimer{Group: g, Key: "quiet:" + c.String()}}, nil
			}
			return nil, nil
		},
		OnTimer: func(t process.Timer) ([]process.Effect, error) {
			what, which, _ := strings.Cut(t.Key, ":")
			c, err := id.Parse[id.Chart](which)
			if err != nil {
				return nil, err
			}
			if what == "quiet" {
				return []process.Effect{process.Send{Group: t.Group, Command: "process_test.quieten", Give: func(ctx context.Context, call commands.Call) error {
					_, err := commands.ChangeChartStatus.Give(ctx, e, call, c, chart.ChangeStatus{To: chart.Inactive})
					return err
				}}}, nil
			}
			return []process.Effect{archive(e, t.Group, c)}, nil
		},
	}
}

func archive(e *commands.Engine, g id.Group, c id.Chart) process.Effect {
	return process.Send{Group: g, Command: "process_test.archive", Give: func(ctx context.Context, call commands.Call) error {
		_, err := commands.ArchiveChart.Give(ctx, e, call, c, chart.Archive{Reason: "quiet"})
		return err
	}}
}

type giving = func(context.Context, commands.Call) error

// given is a process whose commands are given in another way.
func given(p process.Process, how func(giving) giving) process.Process {
	onEvent, onTimer := p.OnEvent, p.OnTimer
	changed := func(effects []process.Effect, err error) ([]process.Effect, error) {
		for i, effect := range effects {
			if send, ok := effect.(process.Send); ok {
				send.Give = how(send.Give)
				effects[i] = send
			}
		}
		return effects, err
	}
	p.OnEvent = func(env es.Envelope) ([]process.Effect, error) { return changed(onEvent(env)) }
	p.OnTimer = func(t process.Timer) ([]process.Effect, error) { return changed(onTimer(t)) }
	return p
}

// house is the practice of the specs.
type house struct {
	*processtest.House
	t      *testing.T
	engine *commands.Engine
	owner  id.Account
	member id.Member
}

// newHouse founds the practice on a new log; the journal of the pool is emptied.
func newHouse(t *testing.T, pool *pgxpool.Pool) *house {
	t.Helper()
	h := &house{
		House: processtest.NewHouse(t, pool, founded), t: t,
		owner: id.Derive[id.Account]("owner"), member: id.Derive[id.Member]("owner"),
	}
	h.engine = h.newEngine()
	_, err := commands.CreateGroup.Give(t.Context(), h.engine, h.call(), group.CreateGroup{
		Group: h.Group, Name: "Elm Street", Owner: h.member, OwnerIsClinician: true, BillingZone: "America/New_York",
		Currency: "USD", DefaultBranch: id.Derive[id.Branch]("main"), DefaultBranchName: "Main",
	})
	require.NoError(t, err)
	_, err = commands.GrantPermission.Give(t.Context(), h.engine, h.call(), group.GrantPermission{
		Member: h.member, Capability: access.ChartCreate, Scope: access.ScopeGroup,
	})
	require.NoError(t, err)
	return h
}

func (h *house) call() commands.Call {
	return commands.Call{Account: h.owner, Group: h.Group, Command: id.Derive[id.Command]("spec", h.Next())}
}

func (h *house) newEngine() *commands.Engine {
	return commands.NewEngine(commands.Config{Store: h.Store, Registry: h.Registry, Clock: h.Now})
}

func (h *house) open() id.Chart {
	h.t.Helper()
	c := id.Derive[id.Chart]("spec", h.Next())
	_, err := commands.CreateChart.Give(h.t.Context(), h.engine, h.call(), chart.CreateChart{
		Chart: c, Primary: h.member, Patient: chart.Demographics{FamilyName: "Doe"},
	})
	require.NoError(h.t, err)
	return c
}

func (h *house) archive(c id.Chart) {
	h.t.Helper()
	_, err := commands.ArchiveChart.Give(h.t.Context(), h.engine, h.call(), c, chart.Archive{Reason: "gone"})
	require.NoError(h.t, err)
}

func (h *house) journal() *processes.Journal { return processes.New(h.Pool) }

// runner makes a runner; change may replace parts of its configuration.
func (h *house) runner(change func(*process.Config)) *process.Runner {
	h.t.Helper()
	c := process.Config{
		Source: h.Store, Registry: h.Registry, Journal: h.journal(),
		Processes: []process.Process{caretaker(h.newEngine())}, Clock: h.Now, Tick: time.Millisecond,
		Leases: lease.New(h.Pool.Config().ConnConfig, lease.Config{}),
	}
	if change != nil {
		change(&c)
	}
	r, err := process.NewRunner(c)
	require.NoError(h.t, err)
	return r
}

// start runs a runner until the returned function is called or the test ends.
func (h *house) start(r *process.Runner) (stop func()) {
	h.t.Helper()
	return runtest.Start(h.t, r.Run)
}

// until waits for a condition on the status of every process.
func (h *house) until(r *process.Runner, holds func(process.Status) bool) {
	h.t.Helper()
	runtest.Until(h.t, func(ctx context.Context) []process.Status {
		report, err := r.Status(ctx)
		if fault.KindOf(err) == fault.Unavailable {
			return nil
		}
		require.NoError(h.t, err)
		return report
	}, func(report []process.Status) bool {
		return report != nil && !slices.ContainsFunc(report, func(s process.Status) bool { return !holds(s) })
	})
}

func (h *house) status(r *process.Runner) process.Status {
	h.t.Helper()
	report, err := r.Status(h.t.Context())
	require.NoError(h.t, err)
	return report[0]
}

// parked is the one thing that the caretaker has in the quarantine.
func (h *house) parked() process.Parked {
	h.t.Helper()
	parked, err := h.journal().Aside(h.t.Context(), "caretaker")
	require.NoError(h.t, err)
	require.Len(h.t, parked, 1)
	return parked[0]
}

// types are the event types of a chart.
func (h *house) types(c id.Chart) []string {
	h.t.Helper()
	var types []string
	for rec, err := range h.Store.ReadStream(h.t.Context(), chart.Stream(h.Group, c), 0) {
		require.NoError(h.t, err)
		types = append(types, rec.Type)
	}
	return types
}

// kept is what the journal holds, in a form that can be compared.
func (h *house) kept() []string {
	h.t.Helper()
	rows, err := h.Pool.Query(h.t.Context(), `
select 'timer ' || group_id || key || due || causation from praxis.process_timer
union all select 'refusal ' || command_id || code || cause || command from praxis.process_refusal
union all select 'counts ' || events || ' ' || accepted || ' ' || refused || ' ' || fired || ' ' || status from praxis.process
order by 1`)
	require.NoError(h.t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(h.t, err)
	return list
}

func database(t *testing.T) *pgxpool.Pool {
	t.Helper()
	return pgtest.New(t)
}
