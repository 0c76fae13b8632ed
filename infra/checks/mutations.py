"""Mutations of the template or of the facts, one at a time, with the rule that must catch each.

A path leads into the template's `Resources`; a number is a list index.
"""

REMOVED = object()
PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
MANAGED = ["arn:aws:iam::aws:policy/AdministratorAccess"]
IMAGES_ALONE = {"ApiId": {"Ref": "Api"}, "Path": "/v1/images", "Method": "GET"}
STATEMENT = ("Properties", "Policies", 0, "PolicyDocument", "Statement")
CONFIG = ("Site", "Properties", "DistributionConfig")
HEADERS = ("SiteHeaders", "Properties", "ResponseHeadersPolicyConfig", "SecurityHeadersConfig")
POLICY = (*HEADERS, "ContentSecurityPolicy", "ContentSecurityPolicy", "Fn::Sub")

# rule -> (path, new value) of each mutation
BROKEN = {
    "actions_are_those_of_the_adapters": [
        (("PresignRole", *STATEMENT, 0, "Action"), ["s3:GetObject"]),
        (("PresignRole", *STATEMENT, 2, "Action", 0), "dynamodb:DeleteTable"),
        (("AugmentRole", *STATEMENT, 4, "Action"), ["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
        (("LargeJobRole", *STATEMENT, 0, "Action"), ["s3:GetObject", "s3:PutObjectAcl"]),
    ],
    "every_role_has_one_policy_of_its_own": [
        (("PresignRole", "Properties", "ManagedPolicyArns"), MANAGED),
        (("AugmentRole", "Properties", "Policies"), []),
        (("AugmentFunction", "Properties", "Role"), {"Fn::GetAtt": ["PresignRole", "Arn"]}),
    ],
    "no_policy_says_all": [
        (("AugmentRole", *STATEMENT, 0, "Action"), "s3:*"),
        (("PipeRole", *STATEMENT, 0, "Resource"), "*"),
    ],
    "no_bucket_is_public": [
        (("Originals", "Properties", "PublicAccessBlockConfiguration", "BlockPublicPolicy"), False),
        (("Results", "Properties", "PublicAccessBlockConfiguration"), REMOVED),
        (("Results", "Properties", "AccessControl"), "PublicRead"),
        (("Results", "Properties", "OwnershipControls"), REMOVED),
        (("Results", "Properties", "BucketEncryption"), REMOVED),
        (("ResultsPolicy", "Properties", "PolicyDocument", "Statement", 0), PUBLIC),
        (("SiteBucketPolicy", "Properties", "PolicyDocument", "Statement", 0, "Condition"), REMOVED),
        (("OriginalsPolicy", "Properties", "PolicyDocument", "Statement", 0, "Condition", "Bool"), {"aws:SecureTransport": "true"}),
    ],
    "stores_answer_the_site_alone": [
        (("Originals", "Properties", "CorsConfiguration", "CorsRules", 0, "AllowedOrigins"), ["*"]),
        (("Results", "Properties", "CorsConfiguration", "CorsRules", 0, "AllowedHeaders"), ["*"]),
        (("Results", "Properties", "CorsConfiguration", "CorsRules", 0, "AllowedMethods"), ["GET", "PUT", "DELETE"]),
        (("Api", "Properties", "CorsConfiguration"), {"AllowOrigins": ["*"]}),
    ],
    "variables_are_those_that_are_read": [
        (("PresignFunction", "Properties", "Environment", "Variables", "DELTA_TABLE"), REMOVED),
        (("PresignFunction", "Properties", "Environment", "Variables", "DELTA_COLOR"), "blue"),
        (("LargeJob", "Properties", "ContainerProperties", "Environment", 0, "Name"), "TABLE"),
    ],
    "nothing_triggers_itself": [
        (("Results", "Properties", "NotificationConfiguration"), {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}),
        (("Originals", "Properties", "NotificationConfiguration", "QueueConfigurations", 0, "Event"), "s3:*"),
        (("Originals", "Properties", "NotificationConfiguration", "TopicConfigurations"), []),
        (("AugmentRole", *STATEMENT, 0, "Action"), ["s3:GetObject", "s3:PutObject"]),
        (("DatasetsRole", *STATEMENT, 2, "Resource"), {"Fn::Sub": "${Originals.Arn}/*"}),
        (("LargeDropped", "Properties", "EventPattern", "detail", "bucket", "name"), [{"Ref": "Results"}]),
        (("JobPipe", "Properties", "SourceParameters", "FilterCriteria", "Filters", 0, "Pattern"), '{"eventName":["MODIFY"]}'),
    ],
    "objects_are_kept_as_records_are": [
        (("Originals", "Properties", "LifecycleConfiguration", "Rules", 0, "ExpirationInDays"), 30),
        (("Results", "Properties", "LifecycleConfiguration", "Rules", 1, "TagFilters", 0, "Value"), "year"),
        (("Results", "Properties", "LifecycleConfiguration", "Rules", 1, "Transitions"), REMOVED),
        (("Originals", "Properties", "LifecycleConfiguration", "Rules", 2, "Status"), "Disabled"),
        (("Originals", "Properties", "LifecycleConfiguration", "Rules", 3, "Status"), "Disabled"),
        (("Originals", "Properties", "LifecycleConfiguration", "Rules", 4, "Status"), "Disabled"),
        (("Originals", "Properties", "LifecycleConfiguration", "Rules", 2, "ExpirationInDays"), 365),
        (("Results", "Properties", "LifecycleConfiguration", "Rules", 3, "ExpirationInDays"), 28),
    ],
    "the_table_is_as_the_adapter_wants_it": [
        (("Table", "Properties", "KeySchema", 1, "AttributeName"), "kind"),
        (("Table", "Properties", "GlobalSecondaryIndexes", 0, "IndexName"), "expires"),
        (("Table", "Properties", "AttributeDefinitions", 3, "AttributeType"), "S"),
        (("Table", "Properties", "TimeToLiveSpecification", "AttributeName"), "ttl"),
        (("Table", "Properties", "StreamSpecification"), REMOVED),
        (("Table", "Properties", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), False),
    ],
    "messages_are_neither_lost_nor_hurried": [
        (("AugmentFunction", "Properties", "Events", "Jobs", "Properties", "FunctionResponseTypes"), REMOVED),
        (("Queue", "Properties", "RedrivePolicy"), REMOVED),
        (("Queue", "Properties", "VisibilityTimeout"), 300),
        (("Queue", "Properties", "VisibilityTimeout"), 1800),
        (("Queue", "Properties", "RedrivePolicy", "maxReceiveCount"), 4),
        (("AugmentFunction", "Properties", "Events", "Jobs", "Properties", "BatchSize"), 4),
        (("AugmentFunction", "Properties", "ReservedConcurrentExecutions"), {"Ref": "ApiConcurrency"}),
    ],
    "every_route_reaches_the_api": [
        ((*CONFIG, "CacheBehaviors", 0, "PathPattern"), "/v2/*"),
        ((*CONFIG, "CustomErrorResponses", 9, "ErrorCachingMinTTL"), 10),
        ((*CONFIG, "CacheBehaviors", 1, "TargetOriginId"), "site"),
        ((*CONFIG, "Origins", 1, "OriginCustomHeaders"), REMOVED),
        ((*CONFIG, "CacheBehaviors", 0, "AllowedMethods"), ["GET", "HEAD"]),
        (("PresignFunction", "Properties", "Events", "EveryRequest", "Properties"), IMAGES_ALONE),
    ],
    "the_policy_of_the_page_is_the_pages_own": [
        ((*POLICY, 0), "default-src 'self'"),
        ((*POLICY, 1, "Stores", "Fn::Sub", 0), "https://*.amazonaws.com"),
        ((*POLICY, 1, "SignIn", "Fn::If", 1), "https://id.example"),
        ((*HEADERS, "FrameOptions"), REMOVED),
        ((*CONFIG, "DefaultCacheBehavior", "Compress"), False),
        ((*CONFIG, "DefaultCacheBehavior", "ResponseHeadersPolicyId"), "67f7725c-6f97-4210-82d7-5512b31e9d03"),
        ((*CONFIG, "DefaultCacheBehavior", "ViewerProtocolPolicy"), "allow-all"),
    ],
    "functions_are_arm_bounded_and_traced": [
        (("AugmentFunction", "Properties", "Architectures"), ["x86_64"]),
        (("SummaryFunction", "Properties", "Tracing"), "PassThrough"),
        (("PresignFunction", "Properties", "ReservedConcurrentExecutions"), REMOVED),
        (("PresignFunction", "Properties", "LoggingConfig"), REMOVED),
        (("AugmentFunction", "Properties", "Runtime"), "provided.al2"),
        (("AugmentLog", "Properties", "RetentionInDays"), REMOVED),
    ],
    "large_images_go_to_the_batch_service": [
        (("LargeDropped", "Properties", "EventPattern", "detail", "object", "size", 0, "numeric", 1), 268435455),
        (("LargeDropped", "Properties", "EventPattern", "detail", "object", "size", 0, "numeric", 0), ">="),
        (("LargeDropped", "Properties", "Targets", 0, "Arn"), {"Fn::GetAtt": ["Queue", "Arn"]}),
        (("LargeCompute", "Properties", "ComputeResources", "Type"), "FARGATE"),
    ],
    "the_operator_is_told": [
        (("QueueAge", "Properties", "AlarmActions"), []),
        (("DeadLettersThere", "Properties", "Dimensions", 0, "Value"), {"Fn::GetAtt": ["LargeDead", "QueueName"]}),
        (("ApiThrottles", "Properties", "MetricName"), "Errors"),
        (("Budget",), REMOVED),
    ],
    "the_state_machine_has_what_it_names": [
        (("Datasets", "Properties", "DefinitionSubstitutions", "ResultsBucket"), REMOVED),
        (("DatasetsRole", *STATEMENT, 1, "Resource"), {"Fn::Sub": "${Results.Arn}/manifests/*"}),
        (("DatasetsRole", *STATEMENT, 2, "Action"), ["s3:AbortMultipartUpload"]),
    ],
    "the_estimate_counts_what_there_is": [
        (("QueueAge",), REMOVED),
        (("PresignFunction", "Properties", "MemorySize"), 512),
        (("Results", "Properties", "LifecycleConfiguration", "Rules", 1, "Transitions", 0, "TransitionInDays"), 90),
    ],
}

# rule -> (fact, other value): a change of the code that the template does not follow
MOVED = {
    "actions_are_those_of_the_adapters": [("large actions", {"s3:GetObject"}), ("actions", {"PresignFunction": {"s3:GetObject"}})],
    "variables_are_those_that_are_read": [
        ("environment", {"PresignFunction": {"DELTA_TABLE"}}),
        ("environment", {"AugmentFunction": {"DELTA_TABLE"}}),
        ("large environment", {"MAX_PIXELS"}),
    ],
    "stores_answer_the_site_alone": [("signed headers", {"content-type"}), ("signed methods", {"PUT"})],
    "nothing_triggers_itself": [("job list", "work"), ("dataset list", "sets"), ("list prefix", "lists#")],
    "the_state_machine_speaks_as_the_function_and_the_api_do": [
        ("items", "runs/{}/items.json"),
        ("item", "number"),
        ("job field", "id"),
        ("steps", {"item", "assemble"}),
        ("dataset key", "data/set"),
    ],
    "objects_are_kept_as_records_are": [
        ("retention tag", "keep"),
        ("uncompleted", ("retention", "pending")),
        ("large tag", ("retention", "month")),
        ("retention days", {"standard": 29, "extended": 365}),
        ("retention days", {"standard": 28, "extended": 365, "forever": 9999}),
    ],
    "the_table_is_as_the_adapter_wants_it": [("index", "expires"), ("time to live", "ttl"), ("attributes", {})],
    "messages_are_neither_lost_nor_hurried": [("attempts", 5)],
    "every_route_reaches_the_api": [("routes", ["/v1/images", "/metrics"])],
    "the_policy_of_the_page_is_the_pages_own": [("page", "default-src 'none'")],
    "large_images_go_to_the_batch_service": [("largest image", 1 << 20)],
    "the_estimate_counts_what_there_is": [("estimate", {"ALARMS": 8.0})],
}


def broken(resources, path, value):
    """Sets or removes the value at a path."""
    place = resources
    for step in path[:-1]:
        place = place[step]
    if value is REMOVED:
        del place[path[-1]]
    else:
        place[path[-1]] = value
