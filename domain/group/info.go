package group

import "praxis/domain/text"

// Field names a field of the practice info as events carry it.
type Field string

// The fields of the practice info.
const (
	FieldName       Field = "name"
	FieldPhone      Field = "phone"
	FieldEmail      Field = "email"
	FieldWebsite    Field = "website"
	FieldLine1      Field = "line1"
	FieldLine2      Field = "line2"
	FieldCity       Field = "city"
	FieldRegion     Field = "region"
	FieldPostalCode Field = "postalCode"
	FieldCountry    Field = "country"
)

// Info is what the practice says about itself on its documents (G-4).
type Info struct {
	Name, Phone, Email, Website                     string
	Line1, Line2, City, Region, PostalCode, Country string
}

// fields lists the fields in the order in which changes are reported.
func fields() []Field {
	return []Field{
		FieldName, FieldPhone, FieldEmail, FieldWebsite, FieldLine1,
		FieldLine2, FieldCity, FieldRegion, FieldPostalCode, FieldCountry,
	}
}

// Fields returns every field with its text, empty ones too.
func (i Info) Fields() map[Field]string {
	texts := make(map[Field]string, len(fields()))
	for _, f := range fields() {
		texts[f] = *i.at(f)
	}
	return texts
}

// read reads what somebody typed into the field. Faults: "name_required",
// and those of package text.
func (f Field) read(s string) (string, error) {
	switch f {
	case FieldName:
		return readName(practiceName, s)
	case FieldWebsite:
		return text.Link("website", 200).Read(s)
	case FieldPhone:
		return text.Line("phone number", 200).Read(s)
	case FieldEmail:
		return text.Email("e-mail address", 254).Read(s)
	case FieldLine1, FieldLine2, FieldCity, FieldRegion, FieldPostalCode, FieldCountry:
	}
	return text.Line("address", 200).Read(s)
}

// at returns the place of a field; nil for a field that does not exist.
func (i *Info) at(f Field) *string {
	switch f {
	case FieldName:
		return &i.Name
	case FieldPhone:
		return &i.Phone
	case FieldEmail:
		return &i.Email
	case FieldWebsite:
		return &i.Website
	case FieldLine1:
		return &i.Line1
	case FieldLine2:
		return &i.Line2
	case FieldCity:
		return &i.City
	case FieldRegion:
		return &i.Region
	case FieldPostalCode:
		return &i.PostalCode
	case FieldCountry:
		return &i.Country
	}
	return nil
}
