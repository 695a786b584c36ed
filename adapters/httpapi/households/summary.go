package households

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/adapters/pdf"
	"praxis/commands"
	"praxis/domain/careteam"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/household"
	"praxis/domain/id"
)

// summaryView is a printed summary as it is told of; the document itself is the PDF.
type summaryView struct {
	ID          id.Document `json:"id"`
	PrintedAt   time.Time   `json:"printedAt"`
	PrintedBy   string      `json:"printedBy,omitempty"`
	Revision    int64       `json:"revision"`
	Primary     id.Member   `json:"primary"`
	PrimaryName string      `json:"primaryName,omitempty"`
	SHA256      string      `json:"sha256"`
}

var (
	errNoSummary = fault.New(fault.NotFound, "summary_not_found", "There is no such summary of this household, or it names patients whom you may not see.")
	errDiffers   = fault.New(fault.Internal, "reprint_differs", "This version of Praxis prints the summary otherwise than it was printed. Print it anew, or reprint it with the version that printed it.")
)

// printHouseholdSummary prints what the member may see of the household, and records that.
func printHouseholdSummary() httpapi.Handler {
	return httpapi.HandleCommand(func(in *httpapi.Input, _ httpapi.Nothing) (done commands.Receipt, err error) {
		h := withinHousehold(in)
		c := household.PrintSummary{Summary: httpapi.Made[id.Document](in, "summary")}
		if in.Err != nil {
			return done, in.Err
		}
		found, err := in.API.Engine.Household(in.Ctx(), in.Call, h, "household.print")
		if err != nil {
			return done, err
		}
		known, err := namesOn(in.Exchange, found)
		if err != nil {
			return done, err
		}
		c.Revision, c.Shown, c.Charts = found.Revision, summaryOf(found, known, in.API.Clock()), chartsNamed(found, known)
		if _, c.SHA256, err = document(h, household.SummaryPrinted{Revision: c.Revision, Shown: c.Shown}); err != nil {
			return done, err
		}
		if in.Call.Expected == nil { // What was read is what is printed.
			in.Call.Expected = &found.Revision
		}
		return commands.PrintHouseholdSummary.Give(in.Ctx(), in.API.Engine, in.Call, h, c)
	})
}

// nameless stands for a member whose sign-in says no name, or whom the reader may not see.
const nameless = "Name not known"

// summaryOf is what a reader of a household sees of it, by name.
func summaryOf(found commands.Household, known names.Found, now time.Time) household.Summary {
	v := show(found, known, now)
	s := household.Summary{
		Group: found.GroupName, Household: v.Name, Day: civil.In(now, found.Zone), Primary: cmp.Or(v.PrimaryName, nameless),
		Team: []household.OnTeam{}, People: []household.Relative{},
	}
	if !v.Secondary.IsZero() {
		s.Secondary = cmp.Or(v.SecondaryName, nameless)
	}
	for _, p := range v.Team {
		if p.Role == careteam.Primary || p.Secondary {
			continue
		}
		on := household.OnTeam{Name: cmp.Or(p.Name, nameless), Role: p.Role}
		if p.Until != nil {
			on.Until = civil.In(p.Until.Add(-time.Second), found.Zone)
		}
		s.Team = append(s.Team, on)
	}
	for _, p := range v.People {
		if p.Name == "" {
			s.Withheld++
			continue
		}
		s.People = append(s.People, household.Relative{Name: p.Name, Relation: p.Relation})
	}
	return s
}

// chartsNamed are the charts whose patients a reader is told of.
func chartsNamed(found commands.Household, known names.Found) (charts []id.Chart) {
	for _, p := range found.People {
		if _, seen := known.Patients[p.Chart]; seen {
			charts = append(charts, p.Chart)
		}
	}
	return charts
}

// document prints a summary, and returns its bytes and their hash.
func document(h id.Household, printed household.SummaryPrinted) ([]byte, string, error) {
	bytes, err := pdf.Household(h, printed)
	sum := sha256.Sum256(bytes)
	return bytes, hex.EncodeToString(sum[:]), err
}

// summary finds the printed summary that the path names, for those who may see every chart
// that it names.
func summary(x *httpapi.Exchange) (printed commands.Printed, known names.Found, err error) {
	h, which := httpapi.PathID[id.Household](x, "household"), httpapi.PathID[id.Document](x, "summary")
	call, err := x.Call()
	if err != nil {
		return printed, known, err
	}
	found, err := x.API.Engine.Household(x.Ctx(), call, h, "household.summary")
	if err != nil {
		return printed, known, err
	}
	if known, err = namesOn(x, found); err != nil {
		return printed, known, err
	}
	for _, p := range found.Printed {
		if p.Summary == which && seesAll(p, known) {
			x.Shows(p.Charts...)
			return p, known, nil
		}
	}
	return printed, known, errNoSummary
}

func seesAll(p commands.Printed, known names.Found) bool {
	for _, c := range p.Charts {
		if _, seen := known.Patients[c]; !seen {
			return false
		}
	}
	return true
}

func getHouseholdSummary(x *httpapi.Exchange) error {
	printed, known, err := summary(x)
	return x.Answer(summaryShown(printed, known), err)
}

func summaryShown(p commands.Printed, known names.Found) summaryView {
	return summaryView{
		ID: p.Summary, PrintedAt: p.At, PrintedBy: known.OfActor(p.Actor), Revision: int64(p.Revision),
		Primary: p.Primary, PrimaryName: p.Shown.Primary, SHA256: p.SHA256,
	}
}

// getHouseholdSummaryDocument prints a summary again: the same bytes, or none.
func getHouseholdSummaryDocument(x *httpapi.Exchange) error {
	printed, _, err := summary(x)
	if err != nil {
		return err
	}
	bytes, sum, err := document(httpapi.PathID[id.Household](x, "household"), printed.SummaryPrinted)
	if err != nil {
		return err
	}
	if sum != printed.SHA256 {
		return errDiffers
	}
	h := x.W.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(len(bytes)))
	raw, _ := hex.DecodeString(sum)
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(raw)+":")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="household-summary-%s.pdf"`, printed.Shown.Day))
	x.W.WriteHeader(http.StatusOK)
	_, err = x.W.Write(bytes)
	return err
}
