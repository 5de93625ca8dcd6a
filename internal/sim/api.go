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
		Name: "get-foundation-model-availability", Operation: "bedrock.GetFoundationModelAvailability",
		Doc:   "Says whether the account may use a model.",
		match: rest("GET", "/foundation-model-availability/", ""), handle: (*Server).getModelAvailability,
	},
	{
		Name: "get-inference-profile", Operation: "bedrock.GetInferenceProfile",
		Doc:   "Describes one inference profile, by its id or ARN.",
		match: rest("GET", "/inference-profiles/", ""), handle: (*Server).getInferenceProfile,
	},
	{
		Name: "get-provisioned-model-throughput", Operation: "bedrock.GetProvisionedModelThroughput",
		Doc:   "Describes one Provisioned Throughput, by its name or ARN.",
		match: rest("GET", "/provisioned-model-throughput/", ""), handle: (*Server).getProvisionedModelThroughput,
	},
	{
		Name: "list-service-quotas", Operation: "servicequotas.ListServiceQuotas",
		Doc:   "Lists the quota values that apply to the account.",
		match: rpc(serviceQuotas, "ListServiceQuotas"), handle: quotaHandler(listServiceQuotas),
	},
	{
		Name: "list-aws-default-service-quotas", Operation: "servicequotas.ListAWSDefaultServiceQuotas",
		Doc:   "Lists the quota values that AWS gives by default.",
		match: rpc(serviceQuotas, "ListAWSDefaultServiceQuotas"), handle: quotaHandler(listDefaultServiceQuotas),
	},
	{
		Name: "list-services", Operation: "servicequotas.ListServices",
		Doc:   "Lists the services whose quotas the account has: Bedrock.",
		match: rpc(serviceQuotas, "ListServices"), handle: quotaHandler(listServices),
	},
	{
		Name: "get-service-quota", Operation: "servicequotas.GetServiceQuota",
		Doc:   "Reads the value of one quota that applies to the account.",
		match: rpc(serviceQuotas, "GetServiceQuota"), handle: quotaHandler(getServiceQuota),
	},
	{
		Name: "get-aws-default-service-quota", Operation: "servicequotas.GetAWSDefaultServiceQuota",
		Doc:   "Reads the value of one quota that AWS gives by default.",
		match: rpc(serviceQuotas, "GetAWSDefaultServiceQuota"), handle: quotaHandler(getDefaultServiceQuota),
	},
	{
		Name: "request-service-quota-increase", Operation: "servicequotas.RequestServiceQuotaIncrease",
		Doc:   "Asks for a higher quota; the request stays open.",
		match: rpc(serviceQuotas, "RequestServiceQuotaIncrease"), handle: quotaHandler(requestServiceQuotaIncrease),
	},
	{
		Name: "get-requested-service-quota-change", Operation: "servicequotas.GetRequestedServiceQuotaChange",
		Doc:   "Reads one request for a higher quota.",
		match: rpc(serviceQuotas, "GetRequestedServiceQuotaChange"), handle: quotaHandler(getRequestedServiceQuotaChange),
	},
	{
		Name: "list-requested-service-quota-change-history", Operation: "servicequotas.ListRequestedServiceQuotaChangeHistory",
		Doc:   "Lists the requests for higher quotas of the last 90 days.",
		match: rpc(serviceQuotas, "ListRequestedServiceQuotaChangeHistory"), handle: quotaHandler(listServiceQuotaHistory),
	},
	{
		Name: "list-requested-service-quota-change-history-by-quota", Operation: "servicequotas.ListRequestedServiceQuotaChangeHistoryByQuota",
		Doc:   "Lists the requests for one higher quota of the last 90 days.",
		match: rpc(serviceQuotas, "ListRequestedServiceQuotaChangeHistoryByQuota"), handle: quotaHandler(listServiceQuotaHistoryByQuota),
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
		Doc:   "Keeps an alarm, and evaluates it by the minute; it acts on nothing.",
		match: rpc(cloudWatch, "PutMetricAlarm"), handle: (*Server).putMetricAlarm,
	},
	{
		Name: "describe-alarms", Operation: "cloudwatch.DescribeAlarms",
		Doc:   "Lists the alarms with their states, by names or by a prefix.",
		match: rpc(cloudWatch, "DescribeAlarms"), handle: (*Server).describeAlarms,
	},
	{
		Name: "delete-alarms", Operation: "cloudwatch.DeleteAlarms",
		Doc:   "Deletes alarms by their names.",
		match: rpc(cloudWatch, "DeleteAlarms"), handle: (*Server).deleteAlarms,
	},
	{
		Name: "tag-resource", Operation: "cloudwatch.TagResource",
		Doc:   "Gives an alarm tags, or other values to those that it has.",
		match: rpc(cloudWatch, "TagResource"), handle: (*Server).tagResource,
	},
	{
		Name: "list-tags-for-resource", Operation: "cloudwatch.ListTagsForResource",
		Doc:   "Lists the tags of an alarm.",
		match: rpc(cloudWatch, "ListTagsForResource"), handle: (*Server).listTagsForResource,
	},
	{
		Name: "get-caller-identity", Operation: "sts.GetCallerIdentity",
		Doc:   "Names the account.",
		match: rpc(tokenService, "GetCallerIdentity"), handle: (*Server).getCallerIdentity,
	},
	{
		Name: "get-products", Operation: "pricing.GetProducts",
		Doc:   "Lists the prices of the models.",
		match: rpc(priceList, "GetProducts"), handle: (*Server).getProducts,
	},
}
