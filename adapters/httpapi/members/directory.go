package members

import (
	"slices"

	"praxis/adapters/contacts"
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

func memberOf(m directory.Member, names map[id.Account]contacts.Contact) memberView {
	v := memberView{Member: m, DisplayName: names[m.Account].Name}
	if m.Removal != "" {
		v.Removal = &removalView{Stage: m.Removal, ChartsToMove: m.ChartsToMove, ChartsMoved: m.ChartsMoved}
	}
	return v
}

// directoryLimit is the size of a page unless the query says otherwise: callers
// from before there were pages get a whole practice of that size.
const directoryLimit = 500

func listMembers(x *httpapi.Exchange) error {
	found, err := members(x, "member.list", directory.MembersQuery{
		Filter: directory.Filter{
			Roles: httpapi.QueryWords[access.Role](x, "role"), Branches: httpapi.QueryIDs[id.Branch](x, "branch"),
			Clinician: httpapi.QueryBool(x, "clinician"), Active: httpapi.QueryBool(x, "active"),
		},
		Cursor: x.Cursor, Limit: httpapi.QueryNumber(x, "limit", directoryLimit), Descending: x.InQuery("sort") == "-joined",
	})
	return x.Answer(found, err)
}

// membersPage is a page of the directory.
type membersPage struct {
	Members []memberView       `json:"members"`
	Next    httpapi.NextCursor `json:"nextCursor,omitzero"`
	AsOf    string             `json:"asOf"`
}

// members answers a query for those who may see members.
func members(x *httpapi.Exchange, action string, q directory.MembersQuery) (answer membersPage, err error) {
	admission, err := x.AdmitTo(directory.Name, commands.Question{Action: action, Capability: access.MemberView, Target: directory.Name})
	if err != nil {
		return answer, err
	}
	q.Reach, q.Licences = admission.Reach, access.ReachOf(admission.Subject, access.SubscriptionView, x.API.Clock())
	if answer.AsOf, err = x.AsOf(directory.Name); err != nil {
		return answer, err
	}
	page, err := directory.Members(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return answer, err
	}
	names, err := namesOf(x, page.Members)
	answer.Members = httpapi.Views(page.Members, func(m directory.Member) memberView { return memberOf(m, names) })
	answer.Next = x.Next(page.Next)
	return answer, err
}

var (
	errNoMember  = fault.New(fault.NotFound, "member_not_found", "The practice has no such member, or you may not see them.")
	errNoRemoval = fault.New(fault.NotFound, "removal_not_found", "The practice has removed no such member, or you may not see them.")
)

// memberInPath finds the member whom the path names, if the reader may see them.
func memberInPath(x *httpapi.Exchange, action string) ([]memberView, error) {
	m := httpapi.PathID[id.Member](x, "member")
	found, err := members(x, action, directory.MembersQuery{Filter: directory.Filter{Member: m}, Limit: 1})
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

// namesOf reads what the members are called, as far as their sign-ins said.
func namesOf(x *httpapi.Exchange, members []directory.Member) (map[id.Account]contacts.Contact, error) {
	if x.API.Contacts == nil {
		return nil, nil
	}
	accounts := make([]id.Account, 0, len(members))
	for _, m := range members {
		accounts = append(accounts, m.Account)
	}
	return x.API.Contacts.Of(x.Ctx(), accounts...)
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
	if answer.AsOf, err = x.AsOf(directory.Name); err != nil {
		return answer, err
	}
	page, err := directory.Invitations(x.Ctx(), x.API.Pool, q)
	answer.Invitations, answer.Next = httpapi.List(page.Invitations), x.Next(page.Next)
	return answer, err
}

var errNoInvitation = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation that can still be accepted, or you may not see it.")

func getInvitation(x *httpapi.Exchange) error {
	i := httpapi.PathID[id.Invitation](x, "invitation")
	found, err := invitations(x, "invitation.get", directory.InvitationsQuery{Invitation: i, Limit: 1})
	return httpapi.ReplyOne(x, found.Invitations, errNoInvitation, err)
}
