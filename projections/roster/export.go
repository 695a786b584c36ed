package roster

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Column is a column of a file of the roster.
type Column string

// The columns.
const (
	ColumnChart       Column = "chart"
	ColumnFamilyName  Column = "familyName"
	ColumnGivenName   Column = "givenName"
	ColumnBirthDate   Column = "birthDate"
	ColumnEmail       Column = "email"
	ColumnPhone       Column = "phone"
	ColumnStatus      Column = "status"
	ColumnArchived    Column = "archived"
	ColumnClinician   Column = "clinician"
	ColumnClinicianID Column = "clinicianId"
	ColumnTeam        Column = "team"
	ColumnBranch      Column = "branch"
	ColumnBranchID    Column = "branchId"
	ColumnOpened      Column = "openedAt"
	ColumnChanged     Column = "changedAt"
)

// column is how a column is written.
type column struct {
	header string
	// needs is the view that it takes beside that of the charts; empty for none.
	needs access.Capability
	// isAsked says that it is in a file only if somebody asks for it.
	isAsked bool
	// cell is what stands in it, quoted where it is a text.
	cell func(Sheet, Entry) string
}

// columnOrder has the columns of a file for which none are chosen, and the others.
var columnOrder = []Column{
	ColumnChart, ColumnFamilyName, ColumnGivenName, ColumnBirthDate, ColumnEmail, ColumnPhone, ColumnStatus, ColumnArchived,
	ColumnClinician, ColumnTeam, ColumnBranch, ColumnOpened, ColumnChanged, ColumnClinicianID, ColumnBranchID,
}

var sheetColumns = map[Column]column{
	ColumnChart:      {header: "chart", cell: func(_ Sheet, e Entry) string { return e.Chart.String() }},
	ColumnFamilyName: {header: "family name", cell: func(_ Sheet, e Entry) string { return quoted(inert(e.FamilyName)) }},
	ColumnGivenName:  {header: "given name", cell: func(_ Sheet, e Entry) string { return quoted(inert(e.GivenName)) }},
	ColumnBirthDate: {header: "birth date", cell: func(_ Sheet, e Entry) string {
		if e.BirthDate == nil {
			return ""
		}
		return *e.BirthDate
	}},
	ColumnEmail:    {header: "email", cell: func(_ Sheet, e Entry) string { return quoted(inert(e.Email)) }},
	ColumnPhone:    {header: "phone", cell: func(_ Sheet, e Entry) string { return quoted(phone(e.Phone)) }},
	ColumnStatus:   {header: "status", cell: func(_ Sheet, e Entry) string { return string(e.Status) }},
	ColumnArchived: {header: "archived", cell: func(_ Sheet, e Entry) string { return strconv.FormatBool(e.Archived) }},
	ColumnClinician: {header: "primary clinician", needs: access.MemberView, cell: func(s Sheet, e Entry) string {
		return quoted(inert(s.called(e.Primary)))
	}},
	ColumnTeam: {header: "team", needs: access.TeamView, cell: func(s Sheet, e Entry) string { return quoted(inert(s.team(e))) }},
	ColumnBranch: {header: "branch", needs: access.GroupInfoView, cell: func(s Sheet, e Entry) string {
		return quoted(inert(cmp.Or(s.Branches[e.Branch], e.Branch.String())))
	}},
	ColumnOpened:      {header: "opened at", cell: func(_ Sheet, e Entry) string { return e.CreatedAt.UTC().Format(time.RFC3339) }},
	ColumnChanged:     {header: "changed at", cell: func(_ Sheet, e Entry) string { return e.ChangedAt.UTC().Format(time.RFC3339) }},
	ColumnClinicianID: {header: "primary clinician id", isAsked: true, cell: func(_ Sheet, e Entry) string { return e.Primary.String() }},
	ColumnBranchID:    {header: "branch id", isAsked: true, cell: func(_ Sheet, e Entry) string { return e.Branch.String() }},
}

var errColumns = fault.New(fault.Forbidden, "columns_not_permitted", "The file would tell more of these charts than you may see. Leave the column out, or ask for the permission that it takes.")

// Columns are the columns of a file for somebody: those that are asked for, in their order,
// or all that the person may see. may reports whether they may see, of every chart in the
// file, what a permission lets one see. Fault: "columns_not_permitted", with column and
// capability.
func Columns(asked []Column, may func(access.Capability) bool) (chosen []Column, err error) {
	for _, c := range asked {
		if needs := sheetColumns[c].needs; needs != "" && !may(needs) {
			return nil, errColumns.With("column", string(c)).With("capability", string(needs))
		}
	}
	if len(asked) > 0 {
		return asked, nil
	}
	for _, c := range columnOrder {
		if of := sheetColumns[c]; !of.isAsked && (of.needs == "" || may(of.needs)) {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// Sheet is what a file for spreadsheets says beside its entries.
type Sheet struct {
	// Columns are those of the file.
	Columns []Column
	// Clinicians and Branches are the names of ids; an id without one stands for itself.
	Clinicians map[id.Member]string
	Branches   map[id.Branch]string
	// AsOf is the position in the log that the file reflects, or the instant in the past.
	AsOf string
	// BOM puts the byte order mark first, without which some spreadsheets take UTF-8
	// for something else.
	BOM bool
}

// Write writes entries as a file for spreadsheets, and returns how many there were: RFC
// 4180, UTF-8, ISO dates, UTC times; the last line says as of when. Every text is in quotes,
// and what a spreadsheet would run as a formula in it is made inert. What it writes follows
// from the sheet and the entries alone. Error: of the entries, or of w.
func (s Sheet) Write(w io.Writer, entries iter.Seq2[Entry, error]) (rows int, err error) {
	out := bufio.NewWriter(w)
	line := func(cell func(n int, c column) string) {
		for n, c := range s.Columns {
			if n > 0 {
				_ = out.WriteByte(',') // Flush returns the error of every write before.
			}
			_, _ = out.WriteString(cell(n, sheetColumns[c]))
		}
		_, _ = out.WriteString("\r\n")
	}
	if s.BOM {
		_, _ = out.WriteString("\ufeff")
	}
	line(func(_ int, c column) string { return c.header })
	var changed time.Time
	for e, err := range entries {
		if err != nil {
			return rows, err
		}
		rows++
		if e.ChangedAt.After(changed) {
			changed = e.ChangedAt
		}
		line(func(_ int, c column) string { return c.cell(s, e) })
	}
	line(func(n int, _ column) string {
		switch {
		case n > 0:
			return ""
		case changed.IsZero():
			return quoted("as of " + s.AsOf)
		}
		return quoted("as of " + s.AsOf + ", last change " + changed.UTC().Format(time.RFC3339))
	})
	if err := out.Flush(); err != nil {
		return rows, fmt.Errorf("write the roster: %w", err)
	}
	return rows, nil
}

// called is a member's name, the id where there is none.
func (s Sheet) called(m id.Member) string { return cmp.Or(s.Clinicians[m], m.String()) }

// team lists the other members of a care team by name, and from when and until when a place
// holds that is bounded. What holds today is not picked out: the file would be another one
// tomorrow.
func (s Sheet) team(e Entry) string {
	names := make([]string, 0, len(e.Team))
	for _, m := range e.Team {
		name, place := s.called(m), e.Windows.Of(m)
		if !place.From.IsZero() {
			name += " from " + place.From.Format(time.RFC3339)
		}
		if !place.Until.IsZero() {
			name += " until " + place.Until.Format(time.RFC3339)
		}
		names = append(names, name)
	}
	return strings.Join(names, "; ")
}

// quoted writes a text as a cell.
func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// inert keeps a spreadsheet from taking a text, or a part of it, for a formula: an
// apostrophe stands before whatever begins with the sign of one. Parts begin behind
// each character that a spreadsheet may have been told to split cells at. It may
// leave out blanks and what cannot be seen, so these do not count as a beginning.
func inert(text string) string {
	var out, skipped strings.Builder
	begins := true
	for _, r := range text {
		switch {
		case strings.ContainsRune(";,|\t\r\n\"", r):
			out.WriteString(skipped.String())
			skipped.Reset()
			out.WriteRune(r)
			begins = true
		case begins && unseen(r):
			skipped.WriteRune(r)
		default:
			if begins && strings.ContainsRune("=+-@＝＋－＠", r) {
				out.WriteByte('\'')
			}
			out.WriteString(skipped.String())
			skipped.Reset()
			out.WriteRune(r)
			begins = false
		}
	}
	return out.String() + skipped.String()
}

// unseen reports whether a program may show, or keep, nothing in the place of r.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Z, unicode.C, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
}

// phone writes a number so that a spreadsheet shows it as it is: digits alone would
// be a number, without + and leading zeros, and +1-555-0100 a sum. Blanks between
// the digits make it text and mean nothing in a phone number, nor does a + behind one.
func phone(number string) string {
	groups := strings.FieldsFunc(number, func(r rune) bool { return strings.ContainsRune("+-.() ", r) })
	plain := inert(strings.Join(groups, " "))
	if plain != "" && strings.HasPrefix(strings.TrimLeft(number, "-.() "), "+") {
		plain = "+" + plain
	}
	if len(groups) == 1 && len(plain) > 4 {
		return plain[:len(plain)-4] + " " + plain[len(plain)-4:]
	}
	return plain
}
