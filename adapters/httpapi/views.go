package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/mux"

	"praxis/commands"
	"praxis/domain/accesslog"
	"praxis/domain/id"
)

// Every answer to a query about a practice is recorded in the practice's access log before
// its first byte leaves, unless the operation stands in unrecorded: a new one is recorded
// without anybody's doing. Which charts were shown is read from the answer itself.

// unrecorded are the queries of a practice that tell nothing of a patient, each with why.
var unrecorded = map[string]string{
	"getGroup":                 "the practice's own details",
	"getBranch":                "a branch of the practice",
	"getOwnershipOffer":        "what is between the owner and a member",
	"getSuccessor":             "what is between the owner and a member",
	"listMembers":              "the practice's staff",
	"getMember":                "the practice's staff",
	"getMemberRemoval":         "how far a removal is: numbers of charts",
	"listInvitations":          "who is invited to join the staff",
	"getInvitation":            "who is invited to join the staff",
	"listPermissions":          "what members may do",
	"getMemberPermissions":     "what a member may do",
	"getInvoicePrefix":         "how a clinician's invoices are numbered",
	"getBookingPolicy":         "the practice's rules of booking",
	"listCancellationPolicies": "the practice's rules of booking",
	"getCancellationPolicy":    "the practice's rules of booking",
	"listAppointmentTypes":     "what the practice offers",
	"getAppointmentType":       "what the practice offers",
	"getClinicianZone":         "a clinician's own calendar",
	"listReserves":             "a clinician's own calendar",
	"getReserve":               "a clinician's own calendar",
	"listBlocks":               "a clinician's own calendar",
	"getBlock":                 "a clinician's own calendar",
	"listSlots":                "times that are free",
	"portalListTypes":          "what a clinician offers",
	"portalListSlots":          "times that are free",
	"getSubscription":          "what the practice pays for",
	"quoteSubscription":        "what the practice pays for",
	"quoteLicences":            "what the practice pays for",
	"listSubscriptionCharges":  "what the practice pays for",
	"getSubscriptionCharge":    "what the practice pays for",
	"seatLedger":               "what the practice pays for",
	"listLicences":             "what the practice pays for",
	"getLicence":               "what the practice pays for",
	"quotePlanChange":          "what the practice pays for",
	"getTraineeProof":          "the training of a member",
}

// isRecorded reports whether answers to the operation are recorded as views.
func (o operation) isRecorded() bool {
	_, exempt := unrecorded[o.id]
	return o.method == http.MethodGet && strings.HasPrefix(o.path, "/v1/groups/{group}") && !exempt
}

// section is the part of the records that the operation belongs to.
func (o operation) section() string {
	if len(o.spec.Tags) == 0 {
		return "other"
	}
	return o.spec.Tags[0]
}

// view is what a request sees of records, from the gate to the record of it.
type view struct {
	commands.Viewing
	// charts are those that the answer shows.
	charts []id.Chart
	// early is the outcome of a record that was begun before the answer was known.
	early chan error
}

// Shows notes charts that the answer is about where it does not hold their ids as such:
// in files, and in texts.
func (x *Exchange) Shows(charts ...id.Chart) {
	if x.view != nil {
		x.view.charts = append(x.view.charts, charts...)
	}
}

// watch has the answer to the request recorded before it leaves, if it is to be.
func (x *Exchange) watch(op operation) {
	if !op.isRecorded() {
		return
	}
	x.view = &view{}
	// An id that cannot be read is the handler's to refuse.
	x.view.Chart, _ = ParseID[id.Chart](mux.Vars(x.R)["chart"])
	x.W.before = x.record
}

// recordEarly begins to record the view of a chart that the gate has found to be within
// the reader's reach, while the answer is still being made. It is for what shows one
// chart as a whole: parts of it may turn out not to be there.
func (x *Exchange) recordEarly() {
	v := x.view
	if v == nil || v.early != nil || !v.OfChart || len(mux.Vars(x.R)) != 2 {
		return
	}
	v.early = make(chan error, 1)
	go func() {
		v.early <- x.append(x.Ctx(), v.Viewing, accesslog.RecordsViewed{Charts: []id.Chart{v.Chart}})
	}()
}

// record waits for the record that was begun, or makes it. It runs once, before anything of
// the answer leaves.
func (x *Exchange) record() error {
	v := x.view
	shown := accesslog.RecordsViewed{Charts: v.charts}
	if named, err := ParseID[id.Chart](cmp.Or(mux.Vars(x.R)["chart"], x.InQuery("chart"))); err == nil {
		shown.Charts = append(slices.Clone(shown.Charts), named)
	}
	if v.early != nil {
		err := <-v.early
		v.early = nil
		shown.Charts = slices.DeleteFunc(shown.Charts, func(c id.Chart) bool { return c == v.Chart })
		if err != nil || len(shown.Charts) == 0 {
			return err
		}
	}
	if x.reflected != nil {
		shown.Reflects = x.AsOf()
	}
	return x.append(x.Ctx(), v.Viewing, shown)
}

// append records a view of this request.
func (x *Exchange) append(ctx context.Context, by commands.Viewing, shown accesslog.RecordsViewed) error {
	op := x.API.doc.operations[x.operation]
	shown.Operation, shown.Section = op.id, op.section()
	for name := range x.R.URL.Query() {
		if name != "limit" {
			shown.Filters = append(shown.Filters, name)
		}
	}
	slices.Sort(shown.Filters)
	if moment := x.InQuery(asOf); moment != "" {
		shown.Reflects = moment
	}
	call, err := x.Call()
	if err != nil {
		return err
	}
	return x.API.Engine.RecordView(ctx, call, by, shown)
}

// settle waits for a record that was begun and that no answer waited for.
func (v *view) settle() {
	if v != nil && v.early != nil {
		<-v.early //nolint:errcheck // What was recorded and not shown is no harm, and what was not recorded was not shown.
	}
}

// note takes the charts that an answer shows.
func (v *view) note(answer any) {
	if v != nil {
		chartsIn(reflect.ValueOf(answer), &v.charts)
	}
}

var chartType = reflect.TypeFor[id.Chart]()

// holdsCharts remembers which types can hold the id of a chart.
var holdsCharts sync.Map

// mayHoldCharts reports whether values of a type can hold the id of a chart, as what
// becomes JSON. Types that hold themselves are taken to.
func mayHoldCharts(t reflect.Type) bool {
	if known, ok := holdsCharts.Load(t); ok {
		return known == true
	}
	holdsCharts.Store(t, true)
	may := false
	switch t.Kind() {
	case reflect.Interface:
		may = true
	case reflect.Array:
		may = t == chartType || mayHoldCharts(t.Elem())
	case reflect.Pointer, reflect.Slice:
		may = mayHoldCharts(t.Elem())
	case reflect.Map:
		may = mayHoldCharts(t.Key()) || mayHoldCharts(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			may = may || (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" && mayHoldCharts(f.Type)
		}
	default:
	}
	holdsCharts.Store(t, may)
	return may
}

// chartsIn collects the ids of charts in a value that becomes JSON.
func chartsIn(v reflect.Value, into *[]id.Chart) {
	if !v.IsValid() || !mayHoldCharts(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Array, reflect.Slice:
		if v.Type() == chartType {
			var c id.Chart
			reflect.ValueOf(&c).Elem().Set(v)
			*into = append(*into, c)
			return
		}
		for i := range v.Len() {
			chartsIn(v.Index(i), into)
		}
	case reflect.Pointer, reflect.Interface:
		chartsIn(v.Elem(), into)
	case reflect.Map:
		for at := v.MapRange(); at.Next(); {
			chartsIn(at.Key(), into)
			chartsIn(at.Value(), into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" {
				chartsIn(v.Field(i), into)
			}
		}
	default:
	}
}
