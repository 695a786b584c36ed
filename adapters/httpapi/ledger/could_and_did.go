package ledger

import (
	"strings"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/accessledger"
	"praxis/projections/roster"
)

// could is one way in which a member could open the chart, and whether they did.
type could struct {
	commands.Could
	Name        string `json:"name,omitempty"`
	GrantorName string `json:"grantorName,omitempty"`
	// Looks is how often the member is recorded on that day to have seen the chart.
	Looks int `json:"looks"`
}

// mostLooks bounds the records that an answer about one chart and one day holds.
const mostLooks = 1000

// whoCouldAndDid answers who could open a chart on a day of the practice's, by which rule,
// and who did: what a complaint or a court asks.
func whoCouldAndDid(x *httpapi.Exchange) error {
	c, day := httpapi.PathID[id.Chart](x, "chart"), httpapi.Parsed(x, civil.ParseDate, x.InPath("day"))
	var name civil.Zone
	admission, err := x.AdmitTo(accessledger.Name, commands.Question{
		Action: "access_log.could_and_did", Capability: access.AccessLogView, Target: chart.Stream(x.Group(), c),
		Look: func(g group.State) { name = g.Zone() }, Filter: commands.Filter{Chart: c},
	})
	if err == nil {
		err = x.Await(roster.Name)
	}
	if err != nil {
		return err
	}
	zone, err := name.Load()
	if err != nil {
		return err
	}
	call, err := x.Call()
	if err != nil {
		return err
	}
	from, until := civil.At(day, 0, zone), civil.At(day.Add(1), 0, zone)
	able, err := x.API.Engine.CouldOpen(x.Ctx(), call, c, from, until)
	if err != nil {
		return err
	}
	q := accessledger.Query{
		Reach: admission.Reach, Charts: access.ReachOf(admission.Subject, access.RosterView, x.API.Clock()), Chart: c,
		Kinds: []accessledger.Kind{accessledger.Viewed, accessledger.Exported}, From: from, Until: until, Limit: mostLooks,
	}
	did, err := accessledger.List(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return err // That nothing was found must not stand for what could not be looked up.
	}
	looks := map[id.Member]int{}
	for _, e := range did.Entries {
		if e.Member != nil {
			looks[*e.Member]++
		}
	}
	var wanted names.Wanted
	for _, a := range able {
		wanted.Member(&a.Member)
		wanted.Member(a.Grantor)
	}
	for _, e := range did.Entries {
		wanted.Member(e.Member)
		wanted.Member(e.Grantor)
	}
	known, err := names.Look(x, admission.Subject, wanted)
	if err != nil {
		return err
	}
	return x.Reply(struct {
		Chart id.Chart   `json:"chart"`
		Date  civil.Date `json:"date"`
		Zone  string     `json:"zone"`
		Could []could    `json:"could"`
		Did   []record   `json:"did"`
		// More says that there are more records than these.
		More bool   `json:"more,omitempty"`
		AsOf string `json:"asOf"`
	}{
		c, day, strings.TrimSpace(string(name)),
		httpapi.Views(able, func(a commands.Could) could {
			return could{a, known.Members[a.Member], known.Of(a.Grantor), looks[a.Member]}
		}),
		httpapi.Views(did.Entries, func(e accessledger.Entry) record { return recordOf(x, e, known, q.Charts.Everything()) }),
		did.Next != "", x.AsOf(),
	})
}
