package all_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/memstore"
	"praxis/adapters/postgres/pgtest"
	"praxis/cmd/praxis/bench/lives"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/careteam"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/all"
	"praxis/projections/projtest/histories"
)

// practices is a log of practices that live at the same time, and their read models.
type practices struct {
	t        *testing.T
	pool     *pgxpool.Pool
	runner   *projections.Runner
	registry *es.Registry
}

// perStream bounds how much of each stream is taken: a life has long ledgers, alike from
// end to end.
const perStream = 60

// newPractices fills every read model from the lives of two practices and the random
// histories of three more, whose events alternate. change may change an event as it is
// stored.
func newPractices(t *testing.T, change func(name string, data []byte) []byte) *practices {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	var streams []lives.Stream
	for n := range 2 {
		life, err := lives.Of(n)
		require.NoError(t, err)
		streams = append(streams, life...)
	}
	for n := range 3 {
		h := rapid.Custom(func(t *rapid.T) *histories.History {
			return histories.Draw(t, id.Derive[id.Group]("drawn", fmt.Sprint(n)), 120)
		}).Example(n)
		var s lives.Stream
		for _, e := range h.Events {
			s.Name, s.Events = e.Stream, append(s.Events, e.Event)
		}
		streams = append(streams, s)
	}
	streams = append(streams, samples(t, registry)...)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	log := memstore.New(memstore.WithClock(func() time.Time {
		now = now.Add(1234567891 * time.Nanosecond)
		return now
	}))
	t.Cleanup(log.Close)
	for at := range perStream {
		for _, s := range streams {
			if at >= len(s.Events) {
				continue
			}
			name, data, meta, err := registry.Encode(s.Events[at], es.Subject{}, es.Metadata{Actor: "member:somebody", Command: id.Derive[id.Command](string(s.Name), fmt.Sprint(at))})
			require.NoError(t, err)
			if change != nil {
				data = change(name, data)
			}
			_, err = log.Append(t.Context(), s.Name, es.AnyRevision, []es.Proposed{{ID: id.Derive[id.Event](string(s.Name), fmt.Sprint(at)), Type: name, Data: data, Metadata: meta}})
			require.NoError(t, err)
		}
	}
	pool := pgtest.New(t)
	r, err := projections.NewRunner(projections.Config{
		Pool: pool, Source: log, Registry: registry, Projectors: all.Projectors(), Categories: catalog.Categories(), Clock: time.Now,
	})
	require.NoError(t, err)
	require.NoError(t, r.Rebuild(t.Context(), nil, nil))
	return &practices{t: t, pool: pool, runner: r, registry: registry}
}

// samples are the streams of one more practice, of those events whose rows the others have
// none of, most as the golden files of the domain have them.
func samples(t *testing.T, registry *es.Registry) []lives.Stream {
	t.Helper()
	golden := func(file string) any {
		data, err := os.ReadFile(filepath.Join("..", "..", "domain", file))
		require.NoError(t, err)
		meta, err := es.Metadata{SchemaVersion: 1}.Encode()
		require.NoError(t, err)
		name, _, _ := strings.Cut(filepath.Base(file), ".v1.")
		e, err := registry.Decode(es.Recorded{Type: name, Data: data, Metadata: meta})
		require.NoError(t, err)
		return e.Event
	}
	g, entity := id.Derive[id.Group]("samples"), id.Derive[id.Chart]("samples").String()
	return []lives.Stream{
		{Name: group.Stream(g), Events: []any{golden("group/testdata/events/group.trainee_proof_submitted.v1.json")}},
		{Name: es.StreamOf(chart.Category, g, entity), Events: []any{
			golden("chart/testdata/events/chart.contact_saved.v1.json"), golden("chart/testdata/events/chart.responsible_party_named.v1.json"),
			golden("chart/testdata/events/chart.break_glass_opened.v1.json"), golden("chart/testdata/events/chart.break_glass_reviewed.v1.json"),
			golden("chart/testdata/events/chart.restricted.v1.json"), golden("chart/testdata/events/chart.patient_account_linked.v1.json"),
			golden("chart/testdata/events/chart.told_apart.v1.json"), golden("chart/testdata/events/chart.merged_into.v1.json"),
			chart.TeamMemberRemoved{Member: id.Derive[id.Member]("samples"), LastRole: careteam.Clinician, Removal: id.Derive[id.Event]("samples")},
		}},
		{Name: accesslog.Stream(g, time.Time{}), Events: []any{
			golden("accesslog/testdata/events/accesslog.records_viewed.v1.json"), golden("accesslog/testdata/events/accesslog.access_refused.v1.json"),
			golden("accesslog/testdata/events/accesslog.data_exported.v1.json"), golden("accesslog/testdata/events/accesslog.signed_in.v1.json"),
		}},
		{Name: es.StreamOf(household.Category, g, entity), Events: []any{
			golden("household/testdata/events/household.created.v1.json"), golden("household/testdata/events/household.person_added.v1.full.json"),
			golden("household/testdata/events/household.chart_linked.v1.json"), golden("household/testdata/events/household.team_member_added.v1.full.json"),
			golden("household/testdata/events/household.secondary_professional_set.v1.json"), golden("household/testdata/events/household.transfer_offered.v1.json"),
		}},
		{Name: accesslog.OutsidersStream(time.Time{}), Events: []any{golden("accesslog/testdata/events/accesslog.outsider_refused.v1.json")}},
		{Name: es.StreamOf(booking.PolicyCategory, g), Events: []any{golden("booking/testdata/events/booking.cancellation_policy_published.v1.json")}},
		{Name: es.StreamOf(booking.CalendarCategory, g, entity), Events: []any{
			golden("booking/testdata/events/booking.time_reserved.v1.json"), golden("booking/testdata/events/booking.time_blocked.v1.json"),
		}},
	}
}

// exec changes the database by hand.
func (p *practices) exec(sql string, args ...any) {
	p.t.Helper()
	_, err := p.pool.Exec(p.t.Context(), sql, args...)
	require.NoError(p.t, err, sql)
}

// table is a table of a read model.
type table struct {
	model projections.Projector
	name  string
	// key and written are columns, those that are not of the key with their types.
	key, written []string
	types        map[string]string
}

func (b table) String() string { return b.model.Name() + "." + b.name }
func (b table) sql() string    { return projections.Table(b.model, b.name) }

func (p *practices) tables() (tables []table) {
	p.t.Helper()
	for _, m := range all.Projectors() {
		for _, name := range m.Tables() {
			b := table{model: m, name: name, types: map[string]string{}}
			b.key = list(p.t, p.pool, `select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
				where i.indrelid = $1::text::regclass and i.indisprimary order by array_position(i.indkey::int2[], a.attnum)`, b.sql())
			for _, c := range list(p.t, p.pool, `select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
				where attrelid = $1::text::regclass and attnum > 0 and attgenerated = '' order by attnum`, b.sql()) {
				column, typ, _ := strings.Cut(c, " ")
				b.written, b.types[column] = append(b.written, column), typ
			}
			tables = append(tables, b)
		}
	}
	return tables
}

// keys are the keys of some rows of a table, each as the arguments of Why.
func (p *practices) keys(b table, most int) (keys [][]string) {
	p.t.Helper()
	for _, text := range list(p.t, p.pool, fmt.Sprintf("select to_jsonb(array[%s::text])::text from (select * from %s tablesample system (100) limit %d) t",
		strings.Join(b.key, "::text, "), b.sql(), most)) {
		var key []string
		require.NoError(p.t, json.Unmarshal([]byte(text), &key))
		keys = append(keys, key)
	}
	return keys
}

// why explains a row.
func (p *practices) why(b table, key []string) projections.Explanation {
	p.t.Helper()
	why, err := p.runner.Why(p.t.Context(), projections.Question{Table: b.String(), Key: key, WithData: true})
	require.NoError(p.t, err)
	return why
}

// wrong is a row that somebody changed by hand, as a comparison is to tell of it.
type wrong struct {
	Is      projections.RowState
	Columns string
	// Event is the position of the last event of the row, empty for none.
	Event string
}

// breaks breaks rows of a table by hand, one in each way for which there are rows enough,
// and returns what is wrong, by key.
func (p *practices) breaks(b table) map[string]wrong {
	p.t.Helper()
	all := map[string]wrong{}
	keys := p.keys(b, 3)
	where := func(key []string) string {
		var same []string
		for n, c := range b.key {
			same = append(same, fmt.Sprintf("%s = '%s'", c, key[n]))
		}
		return strings.Join(same, " and ")
	}
	last := func(key []string) string {
		events := p.why(b, key).Events
		return events[len(events)-1].Position.String()
	}

	var given []string
	fresh := ""
	for _, c := range b.written {
		if fresh == "" && b.types[c] == "uuid" && slices.Contains(b.key, c) {
			fresh, c = c, "gen_random_uuid()"
		}
		given = append(given, c)
	}
	made := list(p.t, p.pool, fmt.Sprintf("insert into %[1]s (%[2]s) select %[3]s from %[1]s where %[4]s returning to_jsonb(array[%[5]s::text])::text",
		b.sql(), strings.Join(b.written, ", "), strings.Join(given, ", "), where(keys[0]), strings.Join(b.key, "::text, ")))
	all[made[0]] = wrong{Is: projections.RowTooMany}

	for _, c := range b.written {
		to, can := map[string]string{
			"bigint": "%s + 1", "integer": "%s + 1", "numeric(38,0)": "%s + 1", "boolean": "not %s", "timestamp with time zone": "%s + interval '1 s'",
			"date": "%s + 1", "text": "%s || 'x'", "uuid": "gen_random_uuid()", "jsonb": "'{}'",
		}[b.types[c]]
		if !can || slices.Contains(b.key, c) || list(p.t, p.pool, fmt.Sprintf("select (%s is null)::text from %s where %s", c, b.sql(), where(keys[0])))[0] == "true" {
			continue
		}
		all[identity(p.t, keys[0])] = wrong{projections.RowDifferent, c, last(keys[0])}
		p.exec(fmt.Sprintf("update %s set %s = %s where %s", b.sql(), c, strings.Replace(to, "%s", c, 1), where(keys[0])))
		break
	}
	if len(keys) > 1 {
		all[identity(p.t, keys[1])] = wrong{Is: projections.RowMissing, Event: last(keys[1])}
		p.exec(fmt.Sprintf("delete from %s where %s", b.sql(), where(keys[1])))
	}
	return all
}

// identity is a key as Postgres makes JSON of a list of texts.
func identity(t *testing.T, key []string) string {
	t.Helper()
	text, err := json.Marshal(key)
	require.NoError(t, err)
	return strings.ReplaceAll(string(text), `","`, `", "`)
}

// told is what a comparison says is wrong with a table.
func told(t *testing.T, c projections.Comparison, table string) map[string]wrong {
	t.Helper()
	all := map[string]wrong{}
	for _, d := range c.Differences {
		if d.Table != table {
			continue
		}
		var key []string
		for _, v := range d.Key {
			key = append(key, fmt.Sprint(v.Value))
		}
		w := wrong{Is: d.Is}
		if d.Is == projections.RowDifferent {
			for _, c := range d.Columns {
				w.Columns += c.Column
			}
		}
		if d.Event != nil {
			w.Event = d.Event.Position.String()
		}
		all[identity(t, key)] = w
	}
	return all
}

// TestRows: every row of every read model is compared with what the log makes of it, and
// can be explained, whatever the practices did.
func TestRows(t *testing.T) {
	p := newPractices(t, nil)
	t.Run("nothing differs where nothing is wrong", func(t *testing.T) {
		compared, err := p.runner.CompareRows(t.Context(), nil, nil)
		require.NoError(t, err)
		require.Len(t, compared, len(all.Projectors()))
		for n, m := range all.Projectors() {
			require.Equal(t, m.Name(), compared[n].Name)
			require.Positive(t, compared[n].Rows, m.Name())
			require.Zero(t, compared[n].Differ, m.Name())
			require.Empty(t, compared[n].Differences, m.Name())
		}
		require.Empty(t, list(t, p.pool, `select nspname::text from pg_namespace where nspname ~ '_check$' union all select build from praxis.projection where build ~ '_check$'`),
			"what was made for it is removed")
	})
	t.Run("a row is what its events make of it, value for value", func(t *testing.T) {
		for _, b := range p.tables() {
			keys := p.keys(b, 3)
			require.NotEmpty(t, keys, "the practices have rows of %s", b)
			for _, key := range keys {
				why := p.why(b, key)
				require.Empty(t, why.Differs, "%s %v", b, key)
				require.NotEmpty(t, why.Events)
				require.Equal(t, "inserted", why.Events[0].Did)
			}
		}
	})
	t.Run("what is wrong is found exactly, with the event", func(t *testing.T) {
		for _, m := range all.Projectors() {
			p.exec(`do $$ declare r record; begin
				for r in select conrelid::regclass as t, conname from pg_constraint where contype = 'c' and connamespace = '` + projections.Build(m) + `'::regnamespace
				loop execute format('alter table %s drop constraint %I', r.t, r.conname); end loop;
				for r in select i.indexrelid::regclass as x from pg_index i join pg_class c on c.oid = i.indexrelid
				 where c.relnamespace = '` + projections.Build(m) + `'::regnamespace and i.indisunique and not i.indisprimary
				loop execute format('drop index %s', r.x); end loop; end $$`)
		}
		broken := map[string]map[string]wrong{}
		differ := map[string]int64{}
		for _, b := range p.tables() {
			broken[b.String()] = p.breaks(b)
			differ[b.model.Name()] += int64(len(broken[b.String()]))
		}
		compared, err := p.runner.CompareRows(t.Context(), nil, nil)
		require.NoError(t, err)
		for n, m := range all.Projectors() {
			require.Equal(t, differ[m.Name()], compared[n].Differ, m.Name())
			for _, table := range m.Tables() {
				require.Equal(t, broken[m.Name()+"."+table], told(t, compared[n], table), "%s.%s", m.Name(), table)
			}
		}
		again, err := p.runner.RebuildAndCompare(t.Context(), nil, nil)
		require.NoError(t, err)
		for n := range again {
			require.Equal(t, compared[n].Differ, again[n].Differ)
			require.Len(t, again[n].Differences, len(compared[n].Differences))
		}
		mended, err := p.runner.CompareRows(t.Context(), nil, nil)
		require.NoError(t, err)
		for _, c := range mended {
			require.Zero(t, c.Differ, "a rebuild mends %s", c.Name)
		}
	})
}
