package charts

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/roster"
)

var errExportScope = fault.New(fault.Forbidden, "scope_exceeds_permission", "You may not export all charts of the clinicians and branches that the request names. Leave them out to export what you may.")

// exportRoster hands out the roster as a file, once the export is recorded: the file is
// written first, because its hash stands in the record (ADR 42).
func exportRoster(x *httpapi.Exchange) error {
	q, asked := rosterQuery(x), httpapi.QueryWords[roster.Column](x, "column")
	call, err := x.Call()
	if err != nil {
		return err
	}
	admission, err := x.AdmitAsOf(roster.Name, commands.Question{
		Action: "roster.export", Capability: access.RosterExport, Target: roster.Name, Filter: filterOf(q),
	})
	if err != nil {
		return err
	}
	// A file that lacks some of what it was asked for looks as if there were no more.
	if admission.IfNothing(x.Ctx()) != nil {
		return errExportScope
	}
	sheet := roster.Sheet{BOM: httpapi.QueryFlag(x, "bom")}
	if sheet.Columns, err = roster.Columns(asked, func(c access.Capability) bool {
		reach := access.ReachOf(admission.Subject, c, x.API.Clock())
		return reach.Everything() || reach.Equal(admission.Reach)
	}); err != nil {
		return err
	}
	q.Reach = admission.Reach
	file, err := temporary()
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // It has no name any more: this is the end of it.
	hash := sha256.New()
	rows, err := writeRoster(x, io.MultiWriter(file, hash), sheet, q)
	if err != nil {
		return err
	}
	sum := hash.Sum(nil)
	if err := x.API.Engine.RecordExport(x.Ctx(), call, admission, accesslog.DataExported{
		What: roster.Name, Rows: rows, Filter: filterNames(x, admission.Reach), Columns: x.R.URL.Query()["column"],
		SHA256: hex.EncodeToString(sum), AsOf: x.AsOf(),
	}); err != nil {
		return err
	}
	return send(x, file, sum)
}

// temporary is a file without a name, so that nothing of it is left whatever happens.
func temporary() (*os.File, error) {
	file, err := os.CreateTemp("", "praxis-export-")
	if err == nil {
		err = os.Remove(file.Name())
	}
	if err != nil {
		return nil, fmt.Errorf("make room for an export: %w", err)
	}
	return file, nil
}

// writeRoster writes the file out of the rows of one instant, and returns how many there are.
func writeRoster(x *httpapi.Exchange, w io.Writer, sheet roster.Sheet, q roster.Query) (rows int, err error) {
	write := func(from projections.Tables) error {
		sheet.AsOf = x.AsOf()
		if err := nameIn(x, &sheet); err != nil {
			return err
		}
		rows, err = sheet.Write(w, shown(x, roster.Each(x.Ctx(), from, q)))
		return err
	}
	if x.From.OfPast() {
		return rows, write(x.From)
	}
	err = projections.Snapshot(x.Ctx(), x.API.Pool, roster.Projector{}, func(from projections.Tables, at es.Position) error {
		x.Exactly(at)
		return write(from)
	})
	return rows, err
}

// shown notes each chart that is told of, for the record of who read what.
func shown(x *httpapi.Exchange, entries iter.Seq2[roster.Entry, error]) iter.Seq2[roster.Entry, error] {
	return func(yield func(roster.Entry, error) bool) {
		for e, err := range entries {
			x.Shows(e.Chart)
			if !yield(e, err) {
				return
			}
		}
	}
}

// nameIn gives the sheet the names of branches as they were at its moment, and those of
// members as their sign-in says today, because no event has them.
func nameIn(x *httpapi.Exchange, sheet *roster.Sheet) (err error) {
	accounts := map[id.Member]id.Account{}
	sheet.Branches = map[id.Branch]string{}
	if err := x.API.Engine.GroupUpTo(x.Ctx(), x.Group(), x.Covers, func(g group.State) {
		for _, m := range g.Members() {
			accounts[m.ID] = m.Account
		}
		for _, b := range g.Branches() {
			sheet.Branches[b.ID] = b.Name
		}
	}); err != nil {
		return err
	}
	sheet.Clinicians, err = names.OfAccounts(x, accounts)
	return err
}

// slowest is the pace, in bytes per second, at which a file has to be taken: a slow client
// holds a file, and nothing else.
const slowest = 64 << 10

// send hands out the file with its digest (RFC 9530), by which the reader finds out that it
// is whole.
func send(x *httpapi.Exchange, file *os.File, sum []byte) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("read an export: %w", err)
	}
	// Where there is no deadline to be moved, there is none that could end it too early.
	//nolint:forbidigo // the deadline of a connection is one of the machine's own clock
	_ = http.NewResponseController(x.W).SetWriteDeadline(time.Now().Add(30*time.Second + time.Duration(size/slowest)*time.Second))
	h := x.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="roster.csv"`)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	x.W.WriteHeader(http.StatusOK)
	_, _ = io.Copy(x.W, file) // The client may be gone: there is no place to report it.
	return nil
}

// filterNames lists which filters were set, and "reach" where the exporter may not
// see everything: such a file is no copy of the practice's records. The values of
// filters stay out of the record: a search term is a patient's name.
func filterNames(x *httpapi.Exchange, reach access.Reach) string {
	var names []string
	if !reach.Everything() {
		names = append(names, "reach")
	}
	for _, name := range []string{"archived", "branch", "clinician", "search", "status"} {
		if x.R.URL.Query().Has(name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}
