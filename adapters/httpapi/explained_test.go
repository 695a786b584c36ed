package httpapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// asked is what an operation's permission is asked for, so that the explainer can be
// asked the same.
type asked struct {
	// permission is what the operation needs; empty where no permission decides, and
	// then why says what does.
	permission, why string
	// of is what it is about: the practice, some of it ("any": how far the answer
	// reaches), the chart, Carla's ledger of the chart, Carla's calendar, an appointment
	// in it, or the member of the path (Carla or, by name, another one).
	of string
}

// explained has an entry for every operation of the document.
func explained() map[string]asked {
	all := map[string]asked{}
	put := func(permission, of string, operations ...string) {
		for _, o := range operations {
			all[o] = asked{permission: permission, of: of}
		}
	}
	none := func(why string, operations ...string) {
		for _, o := range operations {
			all[o] = asked{why: why}
		}
	}
	none("it is about no practice", "health", "readiness", "metrics", "openapi", "me", "forgetContact", "createGroup", "getPriceBook")
	none("it is for operators and machines", "publishPrices", "convertSoloToGroup", "receiveCardMessage")
	none("it is an answer to what was given to the account", "acceptInvitation", "declineInvitation", "acceptOwnership",
		"cancelOwnershipOffer", "claimSuccession", "withdrawSuccession")
	none("it is for patients", "portalListAppointments", "portalBookAppointment", "portalRescheduleAppointment", "portalCancelAppointment", "portalGetAppointment")

	none("it is between the owner and whom it is about", "getOwnershipOffer", "getSuccessor")

	put("group.info.view", "practice", "getGroup", "getBranch", "getBookingPolicy", "listAppointmentTypes", "listCancellationPolicies", "getCancellationPolicy", "getAppointmentType")
	put("group.info.edit", "practice", "updatePracticeInfo")
	put("branch.manage", "practice", "createBranch", "renameBranch", "closeBranch", "setBranchZone")
	put("permission.grant", "practice", "setChartSharing", "setMemberPermission", "clearMemberPermission", "setRolePermission")
	put("permission.view", "any", "listPermissions")
	put("permission.view", "member", "getMemberPermissions", "explainAccess")
	put("member.view", "any", "listMembers", "getMember", "getMemberRemoval")
	put("member.invite", "any", "listInvitations", "getInvitation")
	put("member.invite", "practice", "inviteMember", "revokeInvitation", "reinstateMember")
	put("member.remove", "practice", "removeMember", "startMemberRemoval", "replanMemberRemoval")
	put("member.role.change", "practice", "changeMemberRole", "assignManager", "assignAssistant")
	put("clinician.assign_branch", "emma", "setClinicianBranches")
	put("ownership.transfer", "practice", "offerOwnership", "nameSuccessor", "clearSuccessor", "rejectSuccession")
	put("group.close", "practice", "closeGroup")
	put("audit.history.view", "practice", "auditHistory")
	put("audit.history.view", "any", "listChartAccess")

	put("chart.create", "carla", "createChart")
	put("roster.view", "any", "listCharts")
	put("roster.view", "chart", "getChart")
	put("roster.export", "any", "exportRoster")
	put("chart.clinical.write", "chart", "updateDemographics")
	put("chart.assign_clinician", "chart", "assignClinician", "placeInCustody")
	put("chart.assign_clinician", "any", "listFormerCharts")
	put("chart.assign_clinician", "practice", "relinkCharts")
	put("chart.assign_branch", "chart", "assignBranch")
	put("chart.status.change", "chart", "changeChartStatus")
	put("chart.archive", "chart", "archiveChart", "unarchiveChart")
	put("team.add", "chart", "addTeamMember")
	put("team.change", "chart", "changeTeamRole", "removeTeamMember")
	put("appointment.manage", "chart", "linkPatientAccount", "unlinkPatientAccount")

	put("patient_billing.manage", "ledger", "recordCharge", "voidCharge", "draftInvoice", "issueInvoice", "discardDraft", "voidInvoice", "recordPayment", "applyPayment")
	put("patient_billing.manage", "calendar", "chooseInvoicePrefix")
	put("patient_billing.view", "calendar", "getInvoicePrefix")
	put("patient_billing.view", "ledger", "getCharge", "getInvoice", "getPayment")
	put("patient_billing.view", "any", "billingHistory", "billingBalance", "listInvoices")

	put("booking.policy.edit", "practice", "setOnlineBooking", "setSelfService", "changeBookingWindow", "publishCancellationPolicy",
		"addAppointmentType", "reviseAppointmentType", "retireAppointmentType", "changePatientLimits")
	put("calendar.reserve", "calendar", "reserveTime", "skipReservedDate", "moveReservedDate", "endReserve", "blockTime", "unblockTime",
		"listReserves", "getReserve", "listBlocks", "getBlock", "restoreReservedDate", "reopenReserve", "changeReserveFrom", "getClinicianZone", "setClinicianZone")
	put("slots.view", "calendar", "listSlots")
	put("slots.view", "ledger", "portalListTypes", "portalListSlots", "portalListMoves")
	put("appointment.manage", "ledger", "bookAppointment", "rescheduleAppointment", "cancelAppointment")
	put("appointment.manage", "calendar", "getAppointment")
	put("appointment.manage", "any", "listAppointments")

	put("subscription.view", "practice", "getSubscription", "getSubscriptionCharge", "getLicence", "getTraineeProof", "quoteSubscription", "quoteLicences", "quotePlanChange")
	put("subscription.manage", "practice", "startSubscription", "startTrial", "replacePaymentMethod", "changeLicencePlan",
		"cancelSubscription", "keepSubscription", "submitTraineeProof", "submitProofBeforeInvited", "verifyTraineeProof")
	put("licence.purchase", "practice", "purchaseLicences", "collectCharge", "assignLicence", "unassignLicence",
		"scheduleLicenceRelease", "cancelLicenceRelease", "releaseLicenceNow")
	put("subscription.view", "any", "listSubscriptionCharges", "seatLedger", "listLicences")
	return all
}

// requireExplained asks the owner's explainer the question that an operation asked
// the gate, and holds the two answers to each other.
func (s *scene) requireExplained(t *testing.T, q asked, subject string, allowed bool) {
	t.Helper()
	if q.permission == "" {
		return
	}
	member := s.members[subject]
	if q.of == "any" {
		var held struct {
			Permissions []struct {
				Capability string
				Allowed    bool
			}
		}
		s.get("olivia", s.path("/members/", member, "/permissions")).into(&held)
		for _, p := range held.Permissions {
			if p.Capability == q.permission {
				require.Equal(t, allowed, p.Allowed, "%s: the permissions of %s say something else", q.permission, subject)
				return
			}
		}
		require.Fail(t, "the permissions lack "+q.permission)
	}
	query := "?capability=" + q.permission + "&member=" + member
	switch q.of {
	case "practice":
	case "chart":
		query += "&chart=" + s.ids["chart"]
	case "ledger":
		query += "&chart=" + s.ids["chart"] + "&clinician=" + s.members["carla"]
	case "calendar", "member":
		query += "&clinician=" + s.members["carla"]
	default:
		query += "&clinician=" + s.members[q.of]
	}
	var answer struct {
		Members []struct {
			Allowed bool
			Rule    string
		}
	}
	s.get("olivia", s.path("/access/explain", query)).into(&answer)
	require.Len(t, answer.Members, 1)
	require.Equal(t, allowed, answer.Members[0].Allowed, "%s of %s for %s: the explainer says %s", q.permission, q.of, subject, answer.Members[0].Rule)
}
