package lease_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	"praxis/domain/fault"
	"praxis/internal/retry"
	"praxis/internal/runtest"
)

// each runs a test with both ways in which a session ends by itself.
func each(t *testing.T, test func(t *testing.T, open func(url string, cfg lease.Config) *lease.Leases)) {
	t.Helper()
	t.Run("by idle_session_timeout", func(t *testing.T) {
		t.Parallel()
		test(t, func(url string, cfg lease.Config) *lease.Leases { return leasesOn(t, url, cfg) })
	})
	t.Run("as on version 13", func(t *testing.T) {
		t.Parallel()
		test(t, func(url string, cfg lease.Config) *lease.Leases { return leasesOn(t, url, cfg).AsOnVersion13() })
	})
}

func TestLead_HandsOverAtOnceWhenItEndsWell(t *testing.T) {
	url, r := pgtest.URL(t), newRegister(t)
	// Sessions never lapse here, so it is the release that lets the other lead.
	stop := r.process(t, "first", leasesOn(t, url, patient), "a", "b")
	r.await(t, map[string]int{"first": 2})
	r.process(t, "second", leasesOn(t, url, lease.Config{Poll: patient.Poll, Lapse: patient.Lapse, Aside: true}), "a", "b")
	stop()
	require.ErrorIs(t, r.reason("first"), context.Canceled)
	r.await(t, map[string]int{"second": 2})
}

func TestLed(t *testing.T) {
	url, r := pgtest.URL(t), newRegister(t)
	pool := openPool(t, url)
	isLed := func(groups ...string) bool {
		led, err := lease.Led(t.Context(), pool, groups...)
		require.NoError(t, err)
		return led
	}
	require.False(t, isLed("a", "b"))
	stop := r.process(t, "leads", leasesOn(t, url, patient), "a")
	r.await(t, map[string]int{"leads": 1})
	require.True(t, isLed("b", "a"))
	require.False(t, isLed("b"))
	stop()
	require.False(t, isLed("a", "b"))
}

func TestLead_OneGroupIsReleasedWhileOthersAreLed(t *testing.T) {
	url, r := pgtest.URL(t), newRegister(t)
	l := leasesOn(t, url, patient)
	r.process(t, "stays", l, "a")
	stop := r.process(t, "goes", l, "b")
	r.await(t, map[string]int{"stays": 1, "goes": 1})
	stop()
	r.process(t, "other", leasesOn(t, url, patient), "b")
	r.await(t, map[string]int{"stays": 1, "other": 1})
	// And the same process may ask for it again.
	r.process(t, "again", l, "b")
	r.await(t, map[string]int{"stays": 1, "other": 1})
}

func TestLead_ReturnsWithTheReason(t *testing.T) {
	url := pgtest.URL(t)
	pool := openPool(t, url)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	t.Run("work that returns by itself", func(t *testing.T) {
		l := leasesOn(t, url, patient)
		require.ErrorIs(t, l.Lead(ctx, "returns", func(context.Context) {}), lease.ErrReturned)
		require.ErrorIs(t, leasesOn(t, url, patient).Lead(ctx, "returns", func(context.Context) {}), lease.ErrReturned, "the group is free")
	})

	t.Run("one group is wanted once", func(t *testing.T) {
		l := leasesOn(t, url, patient)
		err := l.Lead(ctx, "twice", func(ctx context.Context) {
			err := l.Lead(ctx, "twice", func(context.Context) { require.Fail(t, "it leads twice") })
			require.Equal(t, "leadership_asked_twice", codeOf(t, err, fault.Internal))
		})
		require.ErrorIs(t, err, lease.ErrReturned)
	})

	t.Run("a session that the database ended", func(t *testing.T) {
		err := leasesOn(t, url, patient).Lead(ctx, "killed", func(ctx context.Context) {
			killSessions(t, pool)
			<-ctx.Done()
			require.Equal(t, "leadership_unavailable", codeOf(t, context.Cause(ctx), fault.Unavailable))
		})
		require.Equal(t, "leadership_unavailable", codeOf(t, err, fault.Unavailable))
	})

	t.Run("a lock that is not there, as behind a pooler that shares sessions", func(t *testing.T) {
		// The likeness of a pooler: the session gives its locks back in between.
		_, err := pool.Exec(t.Context(), `create schema pooler create table shares ();
			create function pooler.pg_is_in_recovery() returns bool language plpgsql as $$ begin
				if to_regclass('pooler.shares') is null then perform pg_advisory_unlock_all(); end if;
				return false;
			end $$`)
		require.NoError(t, err)
		err = leasesOn(t, url+"&search_path=pooler,pg_catalog", patient).Lead(ctx, "pooled", func(ctx context.Context) {
			_, err := pool.Exec(ctx, "drop table pooler.shares")
			require.NoError(t, err)
			<-ctx.Done()
		})
		require.Equal(t, "leadership_lost", codeOf(t, err, fault.Unavailable))
	})

	t.Run("a server that is not there", func(t *testing.T) {
		gone := listen(t)
		require.NoError(t, gone.Close())
		err := leasesOn(t, nobodyAt(gone), patient).Lead(ctx, "a", func(context.Context) {})
		require.Equal(t, "leadership_unavailable", codeOf(t, err, fault.Unavailable))
	})

	t.Run("a server that takes connections and says nothing", func(t *testing.T) {
		silent := listen(t)
		defer func() { require.NoError(t, silent.Close()) }()
		l := leasesOn(t, nobodyAt(silent), lease.Config{Lapse: 200 * time.Millisecond})
		require.Equal(t, "leadership_unavailable", codeOf(t, l.Lead(ctx, "a", func(context.Context) {}), fault.Unavailable))
		// Nor does the end of a server wait for it.
		l = leasesOn(t, nobodyAt(silent), patient)
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		require.ErrorIs(t, l.Lead(ctx, "a", func(context.Context) {}), context.Canceled)
	})
}

func nobodyAt(listener net.Listener) (url string) {
	return fmt.Sprintf("host=127.0.0.1 port=%d user=nobody sslmode=disable", listener.Addr().(*net.TCPAddr).Port)
}

func codeOf(t *testing.T, err error, kind fault.Kind) string {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, kind, f.Kind)
	return f.Code
}

// killSessions ends the sessions of leadership, as a restart of the database does.
func killSessions(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	_, err := pool.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like '% leadership'")
	require.NoError(t, err)
}

func TestLead_ADatabaseOfNoUse(t *testing.T) {
	t.Run("one that is emptied ends the lead, and may be led again", func(t *testing.T) {
		url, r := pgtest.URL(t), newRegister(t)
		pool := openPool(t, url)
		r.process(t, "server", leasesOn(t, url, patient), "a", "b")
		r.await(t, map[string]int{"server": 2})
		_, err := pool.Exec(t.Context(), `do $$ declare s text; begin
			for s in select nspname from pg_namespace where nspowner = (select oid from pg_roles where rolname = current_user) and nspname !~ '^pg_|information_schema|^public$' loop
				execute format('drop schema %I cascade', s);
			end loop;
		end $$`)
		require.NoError(t, err)
		r.awaitReason(t, "server", postgres.ErrNoSchema)
		r.await(t, map[string]int{"server": 2})
		require.NoError(t, postgres.Migrate(t.Context(), pool), "whose leader makes the tables")
		held, _ := r.held(t.Context())
		require.Equal(t, map[string]int{"server": 2}, held, "which ends nothing")
	})

	t.Run("one that takes no changes is not led, until it does", func(t *testing.T) {
		url, r := pgtest.URL(t), newRegister(t)
		pool := openPool(t, url)
		set := func(value string) {
			_, err := pool.Exec(t.Context(), "do $$ begin execute format('alter database %I set default_transaction_read_only = "+value+"', current_database()); end $$")
			require.NoError(t, err)
			killSessions(t, pool)
		}
		r.process(t, "server", leasesOn(t, url, patient), "a")
		r.await(t, map[string]int{"server": 1})
		set("on")
		r.awaitReason(t, "server", postgres.ErrReadOnly)
		r.await(t, map[string]int{})
		set("off")
		r.await(t, map[string]int{"server": 1})
	})

	t.Run("FOUND-W11 one that asks while the database is found of no use is told, and leads later", func(t *testing.T) {
		const groups = 40
		url := pgtest.URL(t)
		pool, leases := openPool(t, url), leasesOn(t, url, patient)
		set := func(value string) {
			_, err := pool.Exec(t.Context(), "do $$ begin execute format('alter database %I set default_transaction_read_only = "+value+"', current_database()); end $$")
			require.NoError(t, err)
		}
		var leading, refused atomic.Int64
		for n := range groups {
			runtest.Start(t, func(ctx context.Context) error {
				// They ask again after pauses of their own, as followers do.
				var again retry.Loop
				for ctx.Err() == nil {
					err := leases.Lead(ctx, fmt.Sprint(n), func(ctx context.Context) {
						again.Worked()
						leading.Add(1)
						<-ctx.Done()
						leading.Add(-1)
					})
					if errors.Is(err, postgres.ErrReadOnly) {
						refused.Add(1)
					}
					again.Failed("")
					_ = again.Pause(ctx)
				}
				return nil
			})
		}
		await := func(n int64) {
			runtest.Until(t, func(context.Context) int64 { return leading.Load() }, func(led int64) bool { return led == n })
		}
		for range 6 {
			await(groups)
			set("on")
			killSessions(t, pool)
			before := refused.Load()
			await(0)
			runtest.Until(t, func(context.Context) int64 { return refused.Load() - before }, func(n int64) bool { return n > 3*groups })
			set("off")
		}
		await(groups)
	})
}

func TestLead_EndsWhenThePacketsVanish(t *testing.T) {
	each(t, func(t *testing.T, open func(string, lease.Config) *lease.Leases) {
		url, r := pgtest.URL(t), newRegister(t)
		way := newNetwork(t, url)
		r.process(t, "cut off", open(way.url(t, url), quick), "a", "b")
		r.await(t, map[string]int{"cut off": 2})
		r.process(t, "standby", open(url, lease.Config{Poll: quick.Poll, Lapse: quick.Lapse, Aside: true}), "a", "b")
		way.cut()
		// The register fails the test if the standby leads before the other has stopped.
		r.await(t, map[string]int{"standby": 2})
		way.mend()
		require.NotErrorIs(t, r.reason("cut off"), context.Canceled)
		held, _ := r.held(t.Context())
		require.Equal(t, map[string]int{"standby": 2}, held)
	})
}

func TestLead_TheEndOfAServerDoesNotWaitForADatabaseThatIsCutOff(t *testing.T) {
	url, r := pgtest.URL(t), newRegister(t)
	way := newNetwork(t, url)
	stop := r.process(t, "server", leasesOn(t, way.url(t, url), patient), "a", "b")
	r.await(t, map[string]int{"server": 2})
	way.cut()
	stop() // With sessions that never lapse, this would wait for ever.
	held, _ := r.held(t.Context())
	require.Empty(t, held)
}

func TestLead_IsSharedFairly(t *testing.T) {
	url, r := pgtest.URL(t), newRegister(t)
	groups := []string{"a", "b", "c", "d", "e"}
	start := func(name string) (stop func()) { return r.process(t, name, leasesOn(t, url, patient), groups...) }

	stopFirst := start("1")
	r.await(t, map[string]int{"1": 5})
	stopSecond := start("2")
	r.await(t, map[string]int{"1": 3, "2": 2})
	start("3")
	r.await(t, map[string]int{"1": 2, "2": 2, "3": 1})
	require.ErrorIs(t, r.reason("1"), lease.ErrGivenBack)
	stopFirst()
	r.await(t, map[string]int{"2": 3, "3": 2})
	awaitPolls(t, openPool(t, url), 10)
	stopSecond()
	r.await(t, map[string]int{"3": 5})
	_, begun := r.held(t.Context())
	// 5 at first, 2 and 1 given, 2 and 3 taken over. A busy machine may add a few.
	require.LessOrEqual(t, begun, 13+5, "nothing flaps")
}

func TestLead_AsideTakesWhatIsFreeAndIsGivenNothing(t *testing.T) {
	url, r := pgtest.URL(t), newRegister(t)
	aside := patient
	aside.Aside = true
	r.process(t, "server", leasesOn(t, url, patient), "a", "b", "c")
	r.await(t, map[string]int{"server": 3})
	r.process(t, "command", leasesOn(t, url, aside), "a", "z")
	r.await(t, map[string]int{"server": 3, "command": 1})
	awaitPolls(t, openPool(t, url), 10)
	_, begun := r.held(t.Context())
	require.Equal(t, 4, begun)
}

// awaitPolls waits until each session of leadership has asked so many times.
func awaitPolls(t *testing.T, pool *pgxpool.Pool, n int) {
	t.Helper()
	asked := map[int32]map[time.Time]bool{}
	runtest.Until(t, func(ctx context.Context) bool {
		rows, _ := pool.Query(ctx, "select pid, query_start from pg_stat_activity where datname = current_database() and application_name like '% leadership'")
		enough := true
		var pid int32
		var at time.Time
		_, err := pgx.ForEachRow(rows, []any{&pid, &at}, func() error {
			if asked[pid] == nil {
				asked[pid] = map[time.Time]bool{}
			}
			asked[pid][at] = true
			enough = enough && len(asked[pid]) >= n
			return nil
		})
		require.NoError(t, err)
		return enough && len(asked) > 0
	}, func(enough bool) bool { return enough })
}

func TestLead_TakesOneConnectionAndHoldsUpNothing(t *testing.T) {
	each(t, func(t *testing.T, open func(string, lease.Config) *lease.Leases) {
		url, r := pgtest.URL(t), newRegister(t)
		r.process(t, "server", open(url, quick), "a", "b", "c", "d", "e", "f", "g", "h")
		r.await(t, map[string]int{"server": 8})
		pool := openPool(t, url)
		var sessions, snapshots int
		require.NoError(t, pool.QueryRow(t.Context(), `
			select count(*), count(backend_xmin) filter (where state like 'idle%')
			from pg_stat_activity where datname = current_database() and application_name like '% leadership'`).Scan(&sessions, &snapshots))
		require.Equal(t, 1, sessions)
		require.Zero(t, snapshots, "an idle session holds up no vacuum")
	})
}

// A leader that freezes in the middle of a batch leaves a session that is neither idle
// nor in a statement. Who leads after it does not wait for its locks.
func TestLead_EndsSessionsThatWereAbandonedInABatch(t *testing.T) {
	url := pgtest.URL(t)
	pool := openPool(t, url)
	_, err := pool.Exec(t.Context(), "create table work (epoch int, steps int); insert into work values (0, 0)")
	require.NoError(t, err)
	frozen, err := pgconn.Connect(t.Context(), url+"&idle_in_transaction_session_timeout=1000")
	require.NoError(t, err)
	defer func() { _ = frozen.Close(context.WithoutCancel(t.Context())) }()
	batch := frozen.StartPipeline(t.Context())
	batch.SendQueryParams("update work set epoch = epoch + 1", nil, nil, nil, nil)
	batch.SendFlushRequest()
	require.NoError(t, batch.Flush())
	result, err := batch.GetResults()
	require.NoError(t, err)
	_, err = result.(*pgconn.ResultReader).Close()
	require.NoError(t, err)
	// The end of the batch never comes.

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = leasesOn(t, url, quick).Lead(ctx, "group", func(ctx context.Context) {
		epoch, err := takeOver(ctx, pool)
		require.NoError(t, err)
		require.Equal(t, 1, epoch, "what the frozen leader had not committed is gone")
	})
	require.ErrorIs(t, err, lease.ErrReturned)
}

// Processes come, go and are cut off, at random. The register fails the test if two ever
// led one group at once.
func TestLead_NeverTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, open func(string, lease.Config) *lease.Leases) {
		url, r := pgtest.URL(t), newRegister(t)
		groups := []string{"a", "b", "c"}
		const processes, acts = 3, 25
		var ways [processes]*network
		var stops [processes]func()
		for n := range processes {
			ways[n] = newNetwork(t, url)
		}
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		chance := rand.New(rand.NewPCG(seed, 0))
		for range acts {
			n := chance.IntN(processes)
			switch {
			case stops[n] == nil:
				stops[n] = r.process(t, fmt.Sprint(n), open(ways[n].url(t, url), quick), groups...)
			case chance.IntN(3) == 0:
				ways[n].cut()
			case chance.IntN(2) == 0:
				ways[n].mend()
			default:
				stops[n]()
				stops[n] = nil
			}
			// Until something came of it, or a moment.
			_, before := r.held(t.Context())
			moment := time.After(time.Duration(chance.IntN(400)) * time.Millisecond)
			runtest.Until(t, func(ctx context.Context) bool {
				select {
				case <-moment:
					return true
				default:
					_, begun := r.held(ctx)
					return begun > before+1
				}
			}, func(done bool) bool { return done })
		}
		var all sync.WaitGroup
		for n := range processes {
			ways[n].mend()
			if stops[n] != nil {
				all.Go(stops[n])
			}
		}
		all.Wait()
		_, begun := r.held(t.Context())
		require.Greater(t, begun, 3)
	})
}
