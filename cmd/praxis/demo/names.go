package demo

// The names of invented patients. 40 × 50 pairs, taken in an order that repeats
// none within the demo's two hundred charts.
var (
	givenNames = []string{
		"Ada", "Bruno", "Celia", "Dario", "Edith", "Felix", "Greta", "Hugo", "Ines", "Jonas",
		"Kira", "Leon", "Mina", "Nils", "Orla", "Pablo", "Quinn", "Rosa", "Stella", "Theo",
		"Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoe", "Anton", "Bella", "Conor", "Daphne",
		"Emil", "Flora", "Gideon", "Hanna", "Ivan", "Julia", "Kofi", "Lena", "Marcus", "Nadia",
	}
	familyNames = []string{
		"Abbott", "Baptiste", "Cole", "Dawson", "Eriksen", "Fontaine", "Gallo", "Hale", "Ivers", "Jansen",
		"Keller", "Larsen", "Mendez", "Norris", "Owusu", "Petrov", "Quigley", "Rossi", "Silva", "Torres",
		"Ueda", "Varga", "Weber", "Xu", "Yilmaz", "Zeman", "Ahmed", "Brandt", "Castro", "Dubois",
		"Engel", "Fischer", "Grant", "Huang", "Iqbal", "Jung", "Kaur", "Lopez", "Moreno", "Nguyen",
		"Olsen", "Park", "Reyes", "Sato", "Tran", "Usman", "Vogel", "Walsh", "Young", "Zhang",
	}
)

// nameOf returns the name of the i-th invented patient.
func nameOf(i int) (given, family string) {
	return givenNames[i%len(givenNames)], familyNames[(i*7+i/len(givenNames))%len(familyNames)]
}
