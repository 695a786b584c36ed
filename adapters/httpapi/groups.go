package httpapi

import (
	"cmp"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

// PracticeHandlers are those of a practice as a whole, its branches and who owns it.
func PracticeHandlers() map[string]handler {
	return map[string]handler{
		"getGroup":          getGroup,
		"getBranch":         getBranch,
		"getOwnershipOffer": getOwnershipOffer,
		"getSuccessor":      getSuccessor,

		"createGroup":        give(commands.CreateGroup, found),
		"updatePracticeInfo": give(commands.UpdatePracticeInfo, ofPractice),
		"setChartSharing":    give(commands.SetChartSharing, ofPractice),
		"convertSoloToGroup": give(commands.ConvertSoloToGroup, ofPractice),
		"closeGroup":         give(commands.CloseGroup, ofPractice),

		"createBranch":  give(commands.CreateBranch, completed(func(in *input, c *group.CreateBranch) { c.Branch = made[id.Branch](in, "branch") })),
		"renameBranch":  give(commands.RenameBranch, completed(func(in *input, c *group.RenameBranch) { c.Branch = named[id.Branch](in, "branch") })),
		"setBranchZone": give(commands.SetBranchZone, completed(func(in *input, c *group.SetBranchZone) { c.Branch = named[id.Branch](in, "branch") })),
		"closeBranch":   give(commands.CloseBranch, completed(func(in *input, c *group.CloseBranch) { c.Branch = named[id.Branch](in, "branch") })),

		"offerOwnership": give(commands.OfferOwnership, completed(func(in *input, c *commands.Offer) {
			c.ValidDays = cmp.Or(c.ValidDays, defaultValidDays)
			in.naming(c.To)
		})),
		"acceptOwnership":      give(commands.AcceptOwnership, alone),
		"cancelOwnershipOffer": give(commands.CancelOwnershipOffer, alone),
		"nameSuccessor":        give(commands.NameSuccessor, completed(func(in *input, c *group.NameSuccessor) { in.naming(c.Successor) })),
		"clearSuccessor":       give(commands.ClearSuccessor, alone),
		"claimSuccession":      give(commands.ClaimSuccession, alone),
		"withdrawSuccession":   give(commands.WithdrawSuccession, alone),
		"rejectSuccession":     give(commands.RejectSuccession, alone),
	}
}

type newGroup struct {
	Name             string     `json:"name"`
	BillingZone      civil.Zone `json:"billingZone"`
	Currency         string     `json:"currency"`
	OwnerIsClinician bool       `json:"ownerIsClinician"`
	BranchName       string     `json:"branchName"`
	Solo             bool       `json:"solo"`
}

// found is the command that founds a practice. What it makes is within nothing yet.
func found(in *input, b newGroup) group.CreateGroup {
	return group.CreateGroup{
		Group: made[id.Group](in, "group"), Name: b.Name, Owner: made[id.Member](in, "owner"), OwnerIsClinician: b.OwnerIsClinician,
		BillingZone: b.BillingZone, Currency: parsed(in.exchange, money.ParseCurrency, b.Currency),
		DefaultBranch: made[id.Branch](in, "branch"), DefaultBranchName: cmp.Or(b.BranchName, "Main office"),
		Solo: b.Solo,
	}
}

type branchView struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Default bool   `json:"default"`
	// Zone is that of the calendars of those who work here, if it is not the practice's.
	Zone civil.Zone `json:"zone,omitempty"`
	// Closed branches are read by their ids only.
	Closed bool `json:"closed,omitempty"`
}

func branchOf(b group.Branch) branchView {
	return branchView{ID: b.ID.String(), Name: b.Name, Default: b.Default, Zone: b.Zone, Closed: b.Closed}
}

type groupView struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Info        map[string]string `json:"info,omitempty"`
	BillingZone string            `json:"billingZone"`
	Currency    string            `json:"currency"`
	Owner       string            `json:"owner"`
	Branches    []branchView      `json:"branches"`
	Closed      bool              `json:"closed,omitempty"`
	// ChartSharing is how widely clinicians share their charts.
	ChartSharing access.Width `json:"chartSharing"`
	// Solo reports that there are no other members before the practice is converted.
	Solo bool `json:"solo"`
	// Succession is an open claim, for the owner and the successor who made it.
	Succession *successionView `json:"succession,omitempty"`
}

func getGroup(x *exchange) error {
	view := groupView{Info: map[string]string{}, Branches: []branchView{}}
	var owner id.Member
	var claim group.SuccessionClaim
	admission, err := x.admittedToPractice("group.get", func(g group.State) {
		view.ID, view.Name, view.Owner = g.ID().String(), g.Info()[group.FieldName], g.Owner().String()
		view.BillingZone, view.Currency, view.Closed = string(g.Zone()), string(g.Currency()), g.Closed()
		owner = g.Owner()
		claim, _ = g.SuccessionClaim()
		view.ChartSharing, view.Solo = g.ChartSharing(), g.Solo()
		for _, b := range g.Branches() {
			view.Branches = append(view.Branches, branchOf(b))
		}
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
	return x.replyAt(admission.Revision, view)
}

// admittedToPractice asks the gate for what every member may know of the practice,
// and looks at it as it is.
func (x *exchange) admittedToPractice(action string, look func(group.State)) (commands.Admission, error) {
	return x.admit(commands.Question{
		Action: action, Capability: access.GroupInfoView, Target: group.Stream(x.group()), Look: look,
	})
}

var errNoBranch = fault.New(fault.NotFound, "branch_not_found", "The practice has no such branch.")

func getBranch(x *exchange) error {
	b := pathID[id.Branch](x, "branch")
	var branch group.Branch
	var known bool
	admission, err := x.admittedToPractice("branch.get", func(g group.State) { branch, known = g.Branch(b) })
	if err != nil {
		return err
	}
	if !known {
		return errNoBranch
	}
	return x.replyAt(admission.Revision, branchOf(branch))
}
