package charts

import (
	"strings"
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/accessledger"
	"praxis/projections/roster"
)

// brokenGlass is one time in which a member read a chart in an emergency, as people read it.
type brokenGlass struct {
	ID         id.Event           `json:"id"`
	Status     roster.GlassStatus `json:"status"`
	Chart      id.Chart           `json:"chart"`
	Patient    string             `json:"patientName"`
	Member     id.Member          `json:"member"`
	MemberName string             `json:"memberName,omitempty"`
	Reason     chart.GlassCode    `json:"reasonCode"`
	Text       string             `json:"text"`
	OpenedAt   time.Time          `json:"openedAt"`
	Until      time.Time          `json:"until"`
	ClosedBy   *id.Member         `json:"closedBy,omitempty"`
	CloserName string             `json:"closedByName,omitempty"`
	Looks      int                `json:"looks"`
	Verdict    chart.Verdict      `json:"verdict,omitempty"`
	Review     string             `json:"review,omitempty"`
	ReviewedAt *time.Time         `json:"reviewedAt,omitempty"`
	Reviewer   *id.Member         `json:"reviewedBy,omitempty"`
	ReviewName string             `json:"reviewedByName,omitempty"`
}

func listBreakGlass(x *httpapi.Exchange) error {
	q := roster.GlassQuery{Status: roster.GlassStatus(x.InQuery("status")), Now: x.API.Clock().UTC(), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x)}
	admission, err := x.AdmitTo(roster.Name, commands.Question{Action: "break_glass.list", Capability: access.BreakGlassReview, Target: roster.Name})
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	page, err := roster.Broken(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return err
	}
	found, err := glassViews(x, admission, page.Glass, q.Now)
	return x.Answer(struct {
		Glass []brokenGlass      `json:"breakGlass"`
		Next  httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf  string             `json:"asOf"`
	}{found, x.Next(page.Next), x.AsOf()}, err)
}

func getBreakGlass(x *httpapi.Exchange) error {
	c, which, now := httpapi.PathID[id.Chart](x, "chart"), httpapi.PathID[id.Event](x, "glass"), x.API.Clock().UTC()
	admission, err := x.AdmitTo(roster.Name, commands.Question{Action: "break_glass.get", Capability: access.BreakGlassReview, Target: chart.Stream(x.Group(), c)})
	if err != nil {
		return err
	}
	one, err := roster.FindGlass(x.Ctx(), x.API.Pool, admission.Reach, c, which)
	if err != nil {
		return err
	}
	found, err := glassViews(x, admission, []roster.BrokenGlass{one}, now)
	if err != nil {
		return err
	}
	return x.Reply(found[0])
}

// glassViews shows broken glass with the names of members, and how often they looked.
func glassViews(x *httpapi.Exchange, admission commands.Admission, all []roster.BrokenGlass, now time.Time) ([]brokenGlass, error) {
	if err := x.Await(accessledger.Name); err != nil {
		return nil, err
	}
	looks, err := accessledger.LooksByGlass(x.Ctx(), x.API.Pool, x.Group(), glassIDs(all))
	if err != nil {
		return nil, err
	}
	return names.Beside(x, admission.Subject, all, func(n *names.Wanted, b roster.BrokenGlass) {
		n.Member(&b.Member)
		n.Member(b.By)
		n.Member(b.Reviewer)
	}, func(b roster.BrokenGlass, known names.Found) brokenGlass {
		shown := brokenGlass{
			ID: b.Glass, Status: b.Status(now), Chart: b.Chart, Patient: strings.TrimSpace(b.GivenName + " " + b.FamilyName),
			Member: b.Member, MemberName: known.Of(&b.Member), Reason: b.Reason, Text: b.Text, OpenedAt: b.OpenedAt.UTC(), Until: b.Until.UTC(),
			ClosedBy: b.By, CloserName: known.Of(b.By), Looks: looks[b.Glass],
			Verdict: b.Verdict, Review: b.Review, ReviewedAt: b.ReviewedAt, Reviewer: b.Reviewer, ReviewName: known.Of(b.Reviewer),
		}
		if b.Closed != nil {
			shown.Until = b.Closed.UTC()
		}
		return shown
	})
}

func glassIDs(all []roster.BrokenGlass) []id.Event {
	ids := make([]id.Event, 0, len(all))
	for _, b := range all {
		ids = append(ids, b.Glass)
	}
	return ids
}
