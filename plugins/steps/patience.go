package steps

import "time"

// silence is how long reading may take before it is told that it goes on.
const silence = 2 * time.Second

// patience tells that reading the account goes on, where it does for longer
// than is borne in silence. Nothing is told behind stop.
func patience(tell func(note string)) (stop func()) {
	if tell == nil {
		return func() {}
	}
	told := make(chan struct{})
	t := time.AfterFunc(silence, func() {
		defer close(told)
		tell("reading the models and quotas of the account; the whole list of quotas takes half a minute on AWS, and is then kept for a day")
	})
	return func() {
		if !t.Stop() {
			<-told
		}
	}
}
