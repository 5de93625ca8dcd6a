package record

// Generator is how the program was set up that sends the calls.
type Generator struct {
	GOGC  int `json:"gogc"`  // percent of growth at which memory is collected; -1: never
	Procs int `json:"procs"` // threads that run Go code at once (GOMAXPROCS)
}

// Health is what a load step knows of the program that sent its calls.
type Health struct {
	Planned, Sent int
	LagP99        Reading // ms, over all models
	GCPauseMax    Reading // ms; no data in virtual time, as the rest
	Steal         Reading // fraction of the machine's time that others took
	Procs         Reading
}

// achieved is the share of the calls that came due and were sent.
func (h *Health) achieved() Reading {
	if h.Planned == 0 {
		return Reading{}
	}
	return Read(float64(h.Sent)/float64(h.Planned), h.Planned)
}

// Values answers every metric of the generator.
func (h *Health) Values() Values {
	return valuesOf(h, func(m Metric) func(*Health) Reading { return m.FromHealth })
}
