package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// Explanation says what a row of a read model is made of.
type Explanation struct {
	// Table is the read model and its table, such as roster.chart, and Build names the rows
	// that this program reads.
	Table string `json:"table"`
	Build string `json:"build"`
	// Key names the row.
	Key []Value `json:"key"`
	// Position covers every event that is in the rows; later ones are not looked at.
	Position es.Position `json:"position"`
	// Row is the row as it is read, every column of it, nil if it is not there.
	Row []Value `json:"row"`
	// Events are those that made it what it is, the first first.
	Events []Touch `json:"events"`
	// Differs are the columns in which the row is not what these events make of it; in all
	// of its key, if only one of the two has the row.
	Differs []string `json:"differs"`
}

// Question is what Why is asked.
type Question struct {
	// Table is the table of a read model, such as roster.chart, or chart if no other read
	// model has one of that name.
	Table string
	// Key are the values of its primary key, in the order of the columns, or as
	// column=value; some of them, named, if no other row has them. group_id=value may be added, whose row it is: a row that is no longer
	// there is found in less memory by it.
	Key []string
	// WithData asks for personal data, too.
	WithData bool
	// Progress, if not nil, is called now and then.
	Progress func(Progress)
}

// errNoRow is the answer where there is nothing to explain.
var errNoRow = fault.New(fault.NotFound, "row_not_found", "There is no row of that key, and no event ever made one.")

// Why tells which events made a row of a read model what it is, and what each changed. It
// reads the log once and writes nothing. Faults: "unknown_table", "ambiguous_table",
// "malformed_key",
// "key_incomplete", "row_not_found", "too_many_rows", "trace_failed".
func (r *Runner) Why(ctx context.Context, q Question) (Explanation, error) {
	p, table, err := r.findTable(q.Table)
	if err != nil {
		return Explanation{}, err
	}
	a := Explanation{Table: p.Name() + "." + table, Build: Build(p), Differs: []string{}}
	asked, err := r.ask(ctx, p, table, q.Key)
	if err != nil {
		return a, err
	}
	a.Key, a.Position = asked.keyOf(asked.values), asked.live.Position
	of := applier{runner: r, projector: p, build: Build(p)}
	if err := of.loadAside(ctx); err != nil {
		return a, err
	}
	t := trace{runner: r, projector: p, left: of.aside, upTo: asked.live.Position, expected: int(asked.live.Applied), progress: q.Progress}
	t.within(asked.whose())
	row, err := t.look(asked.layout, asked.values)
	if err == nil {
		err = t.run(ctx)
	}
	if err == nil && t.groups != nil && len(row.touches) == 0 && asked.row != nil {
		// Its practice may be what is wrong.
		t.groups = nil
		if err = t.run(ctx); errors.Is(err, errTooManyRows) {
			err = nil
		}
	}
	if err != nil {
		return a, err
	}
	if len(row.touches) == 0 && asked.row == nil {
		return a, errNoRow
	}
	a.Events, a.Differs = append([]Touch{}, row.touches...), differing(asked.layout, asked.row, row.row)
	for _, c := range asked.columns {
		if asked.row != nil {
			a.Row = append(a.Row, Value{Column: c, Value: asked.row[c], Personal: asked.personal[c]})
		}
	}
	if !q.WithData {
		a.hide()
	}
	return a, nil
}

// hide leaves personal data out.
func (a *Explanation) hide() {
	for n := range a.Row {
		if a.Row[n].Personal {
			a.Row[n].Value = nil
		}
	}
	for _, e := range a.Events {
		hide(e.Changes)
	}
}

// hide leaves personal data out of changes.
func hide(changes []Change) {
	for n := range changes {
		if changes[n].Personal {
			changes[n].From, changes[n].To = nil, nil
		}
	}
}

// differing are the columns in which two rows are not the same.
func differing(l layout, one, other map[string]any) []string {
	names := []string{}
	switch {
	case (one == nil) != (other == nil):
		return l.keyColumns()
	case one == nil:
		return names
	}
	for _, name := range l.written {
		if !same(one[name], other[name]) {
			names = append(names, name)
		}
	}
	return names
}

// asked is the row that somebody asks for.
type asked struct {
	layout
	// values are those of the key, by column, as Postgres has them, and group the practice
	// that was named with them, empty for none.
	values map[string]any
	group  string
	// row is the row as it is read, nil for none, and live where its build is.
	row  map[string]any
	live row
}

// whose says whose the row is, as far as that is known.
func (a *asked) whose() map[string]any {
	return map[string]any{"group_id": cmp.Or[any](a.row["group_id"], a.values["group_id"], a.group)}
}

// ask reads the row of a key, and where the rows are, at one instant.
func (r *Runner) ask(ctx context.Context, p Projector, table string, given []string) (asked, error) {
	var a asked
	err := pgx.BeginTxFunc(ctx, r.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		if a.live, err = loadRow(ctx, tx, Build(p)); err != nil {
			return err
		}
		if a.live.Build == "" {
			return errNoRow
		}
		if a.layout, err = layoutOf(ctx, tx, p, Build(p), table); err != nil {
			return err
		}
		values, group, err := a.given(given)
		if err != nil {
			return err
		}
		a.group = group
		return a.read(ctx, tx, values)
	})
	return a, err
}

// given puts the values that somebody gave for a key in order; nil for one that is left out,
// which is allowed where the others are named.
func (l layout) given(texts []string) (values []any, group string, err error) {
	columns := l.keyColumns()
	byName := map[string]string{}
	var inOrder []string
	for _, text := range texts {
		name, value, named := strings.Cut(text, "=")
		switch {
		case named && (slices.Contains(columns, name) || name == "group_id"):
			if _, twice := byName[name]; twice {
				return nil, "", l.malformed()
			}
			byName[name] = value
		default:
			inOrder = append(inOrder, text)
		}
	}
	given, allNamed := 0, len(inOrder) == 0
	for _, name := range columns {
		value, isThere := byName[name]
		if !isThere && len(inOrder) > 0 {
			value, inOrder, isThere = inOrder[0], inOrder[1:], true
		}
		if !isThere {
			values = append(values, nil)
			continue
		}
		given++
		values = append(values, value)
	}
	if len(inOrder) > 0 || given == 0 || given < len(columns) && !allNamed {
		return nil, "", l.malformed()
	}
	return values, byName["group_id"], nil
}

// malformed refuses what is not a key of the table.
func (l layout) malformed() error {
	return fault.New(fault.Invalid, "malformed_key", "A row of %s.%s is named by %s: give a value for each, in this order, or as column=value.", l.projector.Name(), l.table, l.keyTypes())
}

// keyTypes lists the columns of the key with their types.
func (l layout) keyTypes() string {
	var columns []string
	for _, c := range l.key {
		columns = append(columns, c.Name+" ("+c.Type+")")
	}
	return strings.Join(columns, ", ")
}

// complete adds the values of the key that were left out, if one row alone has the others.
func (a *asked) complete(ctx context.Context, tx pgx.Tx, values []any) ([]any, error) {
	var columns, conditions []string
	var args []any
	for n, c := range a.key {
		columns = append(columns, quoted(c.Name)+"::text")
		if values[n] != nil {
			args = append(args, values[n])
			conditions = append(conditions, fmt.Sprintf("%s = cast($%d::text as %s)", quoted(c.Name), len(args), c.Type))
		}
	}
	if len(args) == len(values) {
		return values, nil
	}
	var key []any
	var rows int64
	err := tx.QueryRow(ctx, "select array["+strings.Join(columns, ", ")+"], count(*) over () from "+quoted(Build(a.projector))+"."+quoted(a.table)+
		" where "+strings.Join(conditions, " and ")+" limit 1", args...).Scan(&key, &rows)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	if rows != 1 {
		return nil, fault.New(fault.Invalid, "key_incomplete", "%d rows of %s.%s have that. A row is named by %s: give the others, too.", rows, a.projector.Name(), a.table, a.keyTypes())
	}
	return key, nil
}

// read reads the row of a key.
func (a *asked) read(ctx context.Context, tx pgx.Tx, values []any) error {
	var key []string
	for n, c := range a.key {
		key = append(key, fmt.Sprintf("cast($%d::text as %s) as %s", n+1, c.Type, quoted(c.Name)))
	}
	if _, err := tx.Exec(ctx, "set local timezone = 'UTC'"); err != nil {
		return err
	}
	var keyText, rowText []byte
	values, err := a.complete(ctx, tx, values)
	if err == nil {
		err = tx.QueryRow(ctx, "select to_jsonb(k), (select to_jsonb(t) from "+quoted(Build(a.projector))+"."+quoted(a.table)+" t where "+on(a.keyColumns(), "t", "k")+
			") from (select "+strings.Join(key, ", ")+") k", values...).Scan(&keyText, &rowText)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && strings.HasPrefix(pg.Code, "22") {
		return a.malformed()
	}
	if err != nil {
		return fmt.Errorf("read a row of %s: %w", a.table, err)
	}
	if a.values, err = parsed(keyText); err == nil {
		a.row, err = parsed(rowText)
	}
	return err
}

// on is the condition that two rows have the same key.
func on(columns []string, one, other string) string {
	same := make([]string, 0, len(columns))
	for _, c := range columns {
		same = append(same, one+"."+quoted(c)+" = "+other+"."+quoted(c))
	}
	return strings.Join(same, " and ")
}
