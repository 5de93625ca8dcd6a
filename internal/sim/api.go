package sim

// An API is one operation that the account answers: a row of APIs.
type API struct {
	Name      string // unique, lower-case, for documents: "invoke-model"
	Operation string // "service.Operation", as in Counts.Requests
	Doc       string // one sentence
	match     func(*call) bool
	handle    func(*Server, *call)
}

// APIs are all operations of the account. To add one: a file with its handler,
// and a row here. The first row that matches gets the request.
var APIs = []API{
	{
		Name: "invoke-model", Operation: "bedrock-runtime.InvokeModel",
		Doc:   "Invokes a model with a body in the form of the model's family.",
		match: rest("POST", "/model/", "/invoke"), handle: (*Server).invokeModel,
	},
	{
		Name: "converse", Operation: "bedrock-runtime.Converse",
		Doc:   "Invokes any text model with the one body that all of them share.",
		match: rest("POST", "/model/", "/converse"), handle: (*Server).converse,
	},
	{
		Name: "invoke-model-with-response-stream", Operation: "bedrock-runtime.InvokeModelWithResponseStream",
		Doc:   "Invokes a model as InvokeModel does, and streams the reply in the form of the model's family.",
		match: rest("POST", "/model/", "/invoke-with-response-stream"), handle: (*Server).invokeModelStream,
	},
	{
		Name: "converse-stream", Operation: "bedrock-runtime.ConverseStream",
		Doc:   "Invokes a model as Converse does, and streams the reply.",
		match: rest("POST", "/model/", "/converse-stream"), handle: (*Server).converseStream,
	},
	{
		Name: "count-tokens", Operation: "bedrock-runtime.CountTokens",
		Doc:   "Counts the input tokens of a request, and takes nothing from the quotas.",
		match: rest("POST", "/model/", "/count-tokens"), handle: (*Server).countTokens,
	},
	{
		Name: "list-foundation-models", Operation: "bedrock.ListFoundationModels",
		Doc:   "Lists the models, filtered by provider, output modality or inference type.",
		match: rest("GET", "/foundation-models", ""), handle: (*Server).listFoundationModels,
	},
	{
		Name: "get-foundation-model", Operation: "bedrock.GetFoundationModel",
		Doc:   "Describes one model, by its id or ARN.",
		match: rest("GET", "/foundation-models/", ""), handle: (*Server).getFoundationModel,
	},
	{
		Name: "list-inference-profiles", Operation: "bedrock.ListInferenceProfiles",
		Doc:   "Lists the inference profiles of the system, or with type=APPLICATION those of the account.",
		match: rest("GET", "/inference-profiles", ""), handle: (*Server).listInferenceProfiles,
	},
	{
		Name: "list-provisioned-model-throughputs", Operation: "bedrock.ListProvisionedModelThroughputs",
		Doc:   "Lists the Provisioned Throughput of the account.",
		match: rest("GET", "/provisioned-model-throughputs", ""), handle: (*Server).listProvisionedModelThroughputs,
	},
	{
		Name: "list-service-quotas", Operation: "servicequotas.ListServiceQuotas",
		Doc:   "Lists the quota values that apply to the account.",
		match: rpc(serviceQuotas, "ListServiceQuotas"), handle: (*Server).listServiceQuotas,
	},
	{
		Name: "list-aws-default-service-quotas", Operation: "servicequotas.ListAWSDefaultServiceQuotas",
		Doc:   "Lists the quota values that AWS gives by default.",
		match: rpc(serviceQuotas, "ListAWSDefaultServiceQuotas"), handle: (*Server).listDefaultServiceQuotas,
	},
	{
		Name: "get-metric-data", Operation: "cloudwatch.GetMetricData",
		Doc:   "Reads statistics of the AWS/Bedrock metrics, and calculates with them.",
		match: rpc(cloudWatch, "GetMetricData"), handle: (*Server).getMetricData,
	},
	{
		Name: "get-metric-statistics", Operation: "cloudwatch.GetMetricStatistics",
		Doc:   "Reads several statistics of one AWS/Bedrock metric.",
		match: rpc(cloudWatch, "GetMetricStatistics"), handle: (*Server).getMetricStatistics,
	},
	{
		Name: "list-metrics", Operation: "cloudwatch.ListMetrics",
		Doc:   "Lists the AWS/Bedrock metrics that had data in the last two weeks, or three hours.",
		match: rpc(cloudWatch, "ListMetrics"), handle: (*Server).listMetrics,
	},
	{
		Name: "put-metric-alarm", Operation: "cloudwatch.PutMetricAlarm",
		Doc:   "Keeps an alarm; its state stays INSUFFICIENT_DATA.",
		match: rpc(cloudWatch, "PutMetricAlarm"), handle: (*Server).putMetricAlarm,
	},
	{
		Name: "describe-alarms", Operation: "cloudwatch.DescribeAlarms",
		Doc:   "Lists the alarms that were put, by names or by a prefix.",
		match: rpc(cloudWatch, "DescribeAlarms"), handle: (*Server).describeAlarms,
	},
	{
		Name: "list-tags-for-resource", Operation: "cloudwatch.ListTagsForResource",
		Doc:   "Lists the tags that an alarm was put with.",
		match: rpc(cloudWatch, "ListTagsForResource"), handle: (*Server).listTagsForResource,
	},
	{
		Name: "get-caller-identity", Operation: "sts.GetCallerIdentity",
		Doc:   "Names the account.",
		match: rpc(tokenService, "GetCallerIdentity"), handle: (*Server).getCallerIdentity,
	},
}
