// Package groups is the API of a practice as a whole: what it says of itself, its branches, and who owns it.
package groups

import (
	"cmp"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Handlers are those of a practice as a whole, its branches and who owns it.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"getGroup":          getGroup,
		"getBranch":         getBranch,
		"getOwnershipOffer": getOwnershipOffer,
		"getSuccessor":      getSuccessor,

		"createGroup":        httpapi.Give(commands.CreateGroup, found),
		"updatePracticeInfo": httpapi.Give(commands.UpdatePracticeInfo, httpapi.OfGroup),
		"setChartSharing":    httpapi.Give(commands.SetChartSharing, httpapi.OfGroup),
		"convertSoloToGroup": httpapi.Give(commands.ConvertSoloToGroup, httpapi.OfGroup),
		"closeGroup":         httpapi.Give(commands.CloseGroup, httpapi.OfGroup),

		"createBranch":  httpapi.Give(commands.CreateBranch, httpapi.Making("branch", func(c *group.CreateBranch, b id.Branch) { c.Branch = b })),
		"renameBranch":  httpapi.Give(commands.RenameBranch, httpapi.On("branch", func(c *group.RenameBranch, b id.Branch) { c.Branch = b })),
		"setBranchZone": httpapi.Give(commands.SetBranchZone, httpapi.On("branch", func(c *group.SetBranchZone, b id.Branch) { c.Branch = b })),
		"closeBranch":   httpapi.Give(commands.CloseBranch, httpapi.On("branch", func(c *group.CloseBranch, b id.Branch) { c.Branch = b })),

		"offerOwnership": httpapi.Give(commands.OfferOwnership, httpapi.Completed(func(in *httpapi.Input, c *commands.Offer) {
			c.ValidDays = cmp.Or(c.ValidDays, offerValidDays)
			in.Naming(c.To)
		})),
		"acceptOwnership":      httpapi.Give(commands.AcceptOwnership, httpapi.Alone),
		"cancelOwnershipOffer": httpapi.Give(commands.CancelOwnershipOffer, httpapi.Alone),
		"nameSuccessor":        httpapi.Give(commands.NameSuccessor, httpapi.Completed(func(in *httpapi.Input, c *group.NameSuccessor) { in.Naming(c.Successor) })),
		"clearSuccessor":       httpapi.Give(commands.ClearSuccessor, httpapi.Alone),
		"claimSuccession":      httpapi.Give(commands.ClaimSuccession, httpapi.Alone),
		"withdrawSuccession":   httpapi.Give(commands.WithdrawSuccession, httpapi.Alone),
		"rejectSuccession":     httpapi.Give(commands.RejectSuccession, httpapi.Alone),
	}
}

// offerValidDays is how long an offer of the ownership holds unless it says otherwise.
const offerValidDays = 14

type newGroup struct {
	Name             string     `json:"name"`
	BillingZone      civil.Zone `json:"billingZone"`
	Currency         string     `json:"currency"`
	OwnerIsClinician bool       `json:"ownerIsClinician"`
	BranchName       string     `json:"branchName"`
	Solo             bool       `json:"solo"`
}

// found is the command that founds a practice. What it makes is within nothing yet.
func found(in *httpapi.Input, b newGroup) group.CreateGroup {
	return group.CreateGroup{
		Group: httpapi.Made[id.Group](in, "group"), Name: b.Name, Owner: httpapi.Made[id.Member](in, "owner"), OwnerIsClinician: b.OwnerIsClinician,
		BillingZone: b.BillingZone, Currency: httpapi.Parsed(in.Exchange, money.ParseCurrency, b.Currency),
		DefaultBranch: httpapi.Made[id.Branch](in, "branch"), DefaultBranchName: cmp.Or(b.BranchName, "Main office"),
		Solo: b.Solo,
	}
}

type groupView struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Info        map[string]string `json:"info,omitempty"`
	BillingZone string            `json:"billingZone"`
	Currency    string            `json:"currency"`
	Owner       string            `json:"owner"`
	Branches    []group.Branch    `json:"branches"`
	Closed      bool              `json:"closed,omitempty"`
	// ChartSharing is how widely clinicians share their charts.
	ChartSharing access.Width `json:"chartSharing"`
	// Solo reports that there are no other members before the practice is converted.
	Solo bool `json:"solo"`
	// Succession is an open claim, for the owner and the successor who made it.
	Succession *group.SuccessionClaim `json:"succession,omitempty"`
}

func getGroup(x *httpapi.Exchange) error {
	view := groupView{Info: map[string]string{}, Branches: []group.Branch{}}
	var owner id.Member
	var claim group.SuccessionClaim
	admission, err := admittedToGroup(x, "group.get", func(g group.State) {
		view.ID, view.Name, view.Owner = g.ID().String(), g.Info()[group.FieldName], g.Owner().String()
		view.BillingZone, view.Currency, view.Closed = string(g.Zone()), string(g.Currency()), g.Closed()
		owner = g.Owner()
		claim, _ = g.SuccessionClaim()
		view.ChartSharing, view.Solo = g.ChartSharing(), g.Solo()
		view.Branches = httpapi.List(g.Branches())
		for field, value := range g.Info().Fields() {
			if value != "" {
				view.Info[string(field)] = value
			}
		}
	})
	if err != nil {
		return err
	}
	view.Succession = successionFor(admission.Subject.Member, owner, claim)
	return x.ReplyAt(admission.Revision, view)
}

// admittedToGroup asks the gate for what every member may know of the practice,
// and looks at it as it is.
func admittedToGroup(x *httpapi.Exchange, action string, look func(group.State)) (commands.Admission, error) {
	return x.Admit(commands.Question{
		Action: action, Capability: access.GroupInfoView, Target: group.Stream(x.Group()), Look: look,
	})
}

var errNoBranch = fault.New(fault.NotFound, "branch_not_found", "The practice has no such branch.")

// getBranch answers a closed branch too; it is read by its id only.
func getBranch(x *httpapi.Exchange) error {
	b := httpapi.PathID[id.Branch](x, "branch")
	var branch group.Branch
	var known bool
	admission, err := admittedToGroup(x, "branch.get", func(g group.State) { branch, known = g.Branch(b) })
	if err != nil {
		return err
	}
	if !known {
		return errNoBranch
	}
	return x.ReplyAt(admission.Revision, branch)
}
