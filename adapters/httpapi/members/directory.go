package members

import (
	"slices"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/directory"
)

type removalView struct {
	Stage        directory.Removal `json:"stage"`
	ChartsToMove int               `json:"chartsToMove"`
	ChartsMoved  int               `json:"chartsMoved"`
}

// memberView is a member with their name, and how far their removal is.
type memberView struct {
	directory.Member
	DisplayName string       `json:"displayName,omitempty"`
	Removal     *removalView `json:"removal,omitempty"`
}

func memberOf(m directory.Member, name string) memberView {
	v := memberView{Member: m, DisplayName: name}
	if m.Removal != "" {
		v.Removal = &removalView{Stage: m.Removal, ChartsToMove: m.ChartsToMove, ChartsMoved: m.ChartsMoved}
	}
	return v
}

// directoryLimit is the size of a page unless the query says otherwise: callers
// from before there were pages get a whole practice of that size.
const directoryLimit = 500

func listMembers(x *httpapi.Exchange) error {
	q := directory.MembersQuery{
		Filter: directory.Filter{
			Roles: httpapi.QueryWords[access.Role](x, "role"), Branches: httpapi.QueryIDs[id.Branch](x, "branch"),
			Clinician: httpapi.QueryBool(x, "clinician"), Active: httpapi.QueryBool(x, "active"),
		},
		Cursor: x.Cursor, Limit: httpapi.QueryNumber(x, "limit", directoryLimit), Descending: x.InQuery("sort") == "-joined",
	}
	admission, err := x.AdmitAsOf(directory.Name, membersQuestion("member.list"))
	if err != nil {
		return err
	}
	found, err := members(x, admission, q)
	return x.Answer(found, err)
}

// membersPage is a page of the directory.
type membersPage struct {
	Members []memberView       `json:"members"`
	Next    httpapi.NextCursor `json:"nextCursor,omitzero"`
	AsOf    string             `json:"asOf"`
}

// membersQuestion asks the gate for those who may see members.
func membersQuestion(action string) commands.Question {
	return commands.Question{Action: action, Capability: access.MemberView, Target: directory.Name}
}

// members answers a query for those who were admitted.
func members(x *httpapi.Exchange, admission commands.Admission, q directory.MembersQuery) (answer membersPage, err error) {
	q.Reach, q.Licences = admission.Reach, access.ReachOf(admission.Subject, access.SubscriptionView, x.API.Clock())
	page, err := directory.Members(x.Ctx(), x.From, q)
	if err != nil {
		return answer, err
	}
	known, err := x.API.Contacts.Of(x.Ctx(), httpapi.Views(page.Members, func(m directory.Member) id.Account { return m.Account })...)
	views := httpapi.Views(page.Members, func(m directory.Member) memberView { return memberOf(m, known[m.Account].Name) })
	return membersPage{Members: views, Next: x.Next(page.Next), AsOf: x.AsOf()}, err
}

var (
	errNoMember  = fault.New(fault.NotFound, "member_not_found", "The practice has no such member, or you may not see them.")
	errNoRemoval = fault.New(fault.NotFound, "removal_not_found", "The practice has removed no such member, or you may not see them.")
)

// memberInPath finds the member whom the path names, if the reader may see them.
func memberInPath(x *httpapi.Exchange, action string) ([]memberView, error) {
	m := httpapi.PathID[id.Member](x, "member")
	admission, err := x.AdmitTo(directory.Name, membersQuestion(action))
	if err != nil {
		return nil, err
	}
	found, err := members(x, admission, directory.MembersQuery{Filter: directory.Filter{Member: m}, Limit: 1})
	return found.Members, err
}

func getMember(x *httpapi.Exchange) error {
	found, err := memberInPath(x, "member.get")
	return httpapi.ReplyOne(x, found, errNoMember, err)
}

// getMemberRemoval answers how far the end of a membership has come.
func getMemberRemoval(x *httpapi.Exchange) error {
	found, err := memberInPath(x, "member.get_removal")
	removed := slices.DeleteFunc(found, func(m memberView) bool { return m.Removal == nil })
	return httpapi.ReplyOne(x, httpapi.Views(removed, func(m memberView) *removalView { return m.Removal }), errNoRemoval, err)
}

func listInvitations(x *httpapi.Exchange) error {
	found, err := invitations(x, "invitation.list", directory.InvitationsQuery{Cursor: x.Cursor, Limit: httpapi.QueryLimit(x)})
	return x.Answer(found, err)
}

// invitationsPage is a page of the open invitations.
type invitationsPage struct {
	Invitations []directory.Invitation `json:"invitations"`
	Next        httpapi.NextCursor     `json:"nextCursor,omitzero"`
	AsOf        string                 `json:"asOf"`
}

// invitations answers a query for those who may invite.
func invitations(x *httpapi.Exchange, action string, q directory.InvitationsQuery) (answer invitationsPage, err error) {
	admission, err := x.AdmitTo(directory.Name, commands.Question{Action: action, Capability: access.MemberInvite, Target: directory.Name})
	if err != nil {
		return answer, err
	}
	q.Reach, q.Now = admission.Reach, x.API.Clock()
	page, err := directory.Invitations(x.Ctx(), x.API.Pool, q)
	return invitationsPage{Invitations: httpapi.List(page.Invitations), Next: x.Next(page.Next), AsOf: x.AsOf()}, err
}

var errNoInvitation = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation that can still be accepted, or you may not see it.")

func getInvitation(x *httpapi.Exchange) error {
	i := httpapi.PathID[id.Invitation](x, "invitation")
	found, err := invitations(x, "invitation.get", directory.InvitationsQuery{Invitation: i, Limit: 1})
	return httpapi.ReplyOne(x, found.Invitations, errNoInvitation, err)
}
