package members

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/roster"
)

// formerCharts is what a removal took from a member who may come back (AMB-14).
type formerCharts struct {
	Charts []formerChart `json:"charts"`
	// Removal names the removal; unset where none moved charts.
	Removal    id.Event           `json:"removal,omitzero"`
	InProgress bool               `json:"relinkingInProgress"`
	ManagedBy  []id.Member        `json:"managedBy"`
	AssistedBy []id.Member        `json:"assistedBy"`
	Next       httpapi.NextCursor `json:"nextCursor,omitzero"`
	AsOf       string             `json:"asOf"`
}

type formerChart struct {
	Chart      id.Chart       `json:"chart"`
	Role       careteam.Role  `json:"role"`
	GivenTo    id.Member      `json:"givenTo,omitzero"`
	GivenToWas careteam.Role  `json:"givenToWas,omitempty"`
	Primary    id.Member      `json:"primary"`
	Branch     id.Branch      `json:"branch"`
	Archived   bool           `json:"archived"`
	Standing   group.Standing `json:"standing"`
}

func listFormerCharts(x *httpapi.Exchange) error {
	m, limit := httpapi.PathID[id.Member](x, "member"), httpapi.QueryLimit(x)
	var returner group.Returner
	var known bool
	admission, err := x.AdmitTo(roster.Name, commands.Question{
		Action: "former_charts.list", Capability: access.ChartAssignClinician, Target: roster.Name,
		Look: func(g group.State) { returner, known = g.Returner(m) },
	})
	if err != nil {
		return err
	}
	if !known {
		return fault.New(fault.NotFound, "member_not_found", "There is no such member.")
	}
	page, err := roster.Former(x.Ctx(), x.API.Pool, roster.FormerQuery{
		Reach: admission.Reach, Group: x.Group(), Member: m, Removal: returner.Removal,
		Cursor: x.Cursor, Limit: limit,
	})
	return x.Answer(formerCharts{
		Charts: httpapi.Views(page.Charts, func(f roster.FormerChart) formerChart {
			return formerChart{
				Chart: f.Chart, Role: f.Place.Role, GivenTo: f.Place.To, GivenToWas: f.Place.ToWas, Primary: f.Primary,
				Branch: f.Branch, Archived: f.Archived, Standing: returner.Standing(f.Place, f.Branch),
			}
		}),
		Removal: returner.Removal, InProgress: returner.InProgress,
		ManagedBy: httpapi.List(returner.ManagedBy), AssistedBy: httpapi.List(returner.AssistedBy),
		Next: x.Next(page.Next), AsOf: x.AsOf(),
	}, err)
}
