"""Rules beyond the linter: each is a generator of problems of the translated template."""

import re

RULES = []
FUNCTIONS = ("PresignFunction", "AugmentFunction")
BUCKETS = ("SiteBucket", "Originals", "Results")
STORES = ("Originals", "Results")
# Actions that do not support resources, so that `*` is required.
WITHOUT_RESOURCES = {
    "cloudwatch:GetMetricData",
    "ecr:GetAuthorizationToken",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def rule(check):
    """Registers a rule."""
    RULES.append(check)
    return check


def listed(value):
    """A value or list, as a list."""
    return value if isinstance(value, list) else [value]


def properties(plain, name):
    return plain["Resources"][name]["Properties"]


def of_type(plain, kind):
    found = plain["Resources"].items()
    return {name: resource["Properties"] for name, resource in found if resource["Type"] == kind}


def role_of(plain, function):
    return properties(plain, function)["Role"]["Fn::GetAtt"][0]


def statements(plain, role):
    for policy in properties(plain, role).get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


def allowed(plain, role):
    return {action for each in statements(plain, role) for action in listed(each["Action"])}


def text_of(value):
    """A value with its references as searchable text."""
    if isinstance(value, dict):
        return " ".join(f"{key} {text_of(part)}" for key, part in value.items())
    if isinstance(value, list):
        return " ".join(map(text_of, value))
    return str(value)


def means(value, logical):
    """Whether a policy's resource is one of our buckets, by reference or by name."""
    name = {"Originals": "-originals-", "Results": "-results-", "SiteBucket": "-site-"}[logical]
    return name in text_of(value) or logical in re.split(r"[^A-Za-z]+", text_of(value))


@rule
def actions_are_those_of_the_adapters(plain, facts):
    for function, needed in facts["actions"].items():
        own = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
        if any(function in text_of(each["FunctionName"]) for each in of_type(plain, "AWS::Lambda::EventSourceMapping").values()):
            own |= {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
        has = allowed(plain, role_of(plain, function))
        if has != needed | own:
            yield f"{function} may {sorted(has - needed - own)} without need, and lacks {sorted((needed | own) - has)}"
    batch = allowed(plain, "LargeJobRole")
    if batch != facts["large actions"]:
        yield f"the batch job's permissions differ from its script's calls: {sorted(batch ^ facts['large actions'])}"


@rule
def every_role_has_one_policy_of_its_own(plain, _facts):
    for name, role in of_type(plain, "AWS::IAM::Role").items():
        if len(role.get("Policies", [])) != 1 or role.get("ManagedPolicyArns"):
            yield f"{name} must have exactly one inline policy"
    roles = [role_of(plain, name) for name in of_type(plain, "AWS::Lambda::Function")]
    if len(set(roles)) != len(roles):
        yield "two functions share a role"


@rule
def no_policy_says_all(plain, _facts):
    for name in of_type(plain, "AWS::IAM::Role"):
        for each in statements(plain, name):
            actions = set(listed(each["Action"]))
            if any("*" in action for action in actions):
                yield f"{name} allows {sorted(actions)}"
            if "*" in listed(each["Resource"]) and not actions <= WITHOUT_RESOURCES:
                yield f"{name} allows {sorted(actions)} on all resources"


@rule
def no_bucket_is_public(plain, _facts):
    private = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    for name, bucket in of_type(plain, "AWS::S3::Bucket").items():
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if {key for key, value in block.items() if value is True} != private or "AccessControl" in bucket:
            yield f"{name} does not block public access"
        if bucket.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
            yield f"{name} may have objects of other owners"
        if not bucket.get("BucketEncryption"):
            yield f"{name} is not encrypted"
    guarded = set()
    for name, policy in of_type(plain, "AWS::S3::BucketPolicy").items():
        for each in policy["PolicyDocument"]["Statement"]:
            if each["Effect"] == "Allow" and each["Principal"] != {"Service": "cloudfront.amazonaws.com"}:
                yield f"{name} lets in {each['Principal']}"
            if each["Effect"] == "Allow" and "Site" not in text_of(each.get("Condition", "")):
                yield f"{name} lets in every CloudFront distribution"
            if each["Effect"] == "Deny" and each["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}:
                guarded.add(policy["Bucket"]["Ref"])
    if guarded != set(BUCKETS):
        yield f"only {sorted(guarded)} refuse unencrypted requests"


@rule
def stores_answer_the_site_alone(plain, facts):
    site = {"Fn::If": ["HasDomain", {"Fn::Sub": "https://${SiteDomain}"}, {"Fn::Sub": "https://${Site.DomainName}"}]}
    for name in STORES:
        for cors in properties(plain, name)["CorsConfiguration"]["CorsRules"]:
            if cors["AllowedOrigins"] != [site]:
                yield f"{name} allows the origins {cors['AllowedOrigins']}"
            if set(cors["AllowedHeaders"]) != facts["signed headers"]:
                yield f"{name} allows the headers {cors['AllowedHeaders']}, signed are {sorted(facts['signed headers'])}"
            if set(cors["AllowedMethods"]) != facts["signed methods"]:
                yield f"{name} allows {cors['AllowedMethods']}, signed are {sorted(facts['signed methods'])}"
    if "CorsConfiguration" in properties(plain, "SiteBucket") or "-cors" in text_of(properties(plain, "Api")["Body"]):
        yield "the site and the API are one origin and need no CORS"


@rule
def variables_are_those_that_are_read(plain, facts):
    for function, read in facts["environment"].items():
        given = set(properties(plain, function)["Environment"]["Variables"])
        if given != read:
            yield f"{function} gets {sorted(given - read)} without need, and lacks {sorted(read - given)}"
    batch = {each["Name"] for each in properties(plain, "LargeJob")["ContainerProperties"]["Environment"]}
    if batch != facts["large environment"]:
        yield f"the batch job's variables differ from its script's: {sorted(batch ^ facts['large environment'])}"


@rule
def nothing_triggers_itself(plain, facts):
    for name in ("Results", "SiteBucket"):
        if "NotificationConfiguration" in properties(plain, name):
            yield f"{name} triggers something"
    told = properties(plain, "Originals")["NotificationConfiguration"]
    if set(told) != {"QueueConfigurations", "EventBridgeConfiguration"}:
        yield f"the originals notify more than the queue: {sorted(told)}"
    for each in told["QueueConfigurations"]:
        prefixes = [part["Value"] for part in each["Filter"]["S3Key"]["Rules"] if part["Name"] == "prefix"]
        if each["Event"] != "s3:ObjectCreated:*" or prefixes != ["originals/"]:
            yield f"the originals send {each['Event']} under {prefixes}"
    # Roles started by new originals must not create any.
    for role in ("AugmentRole", "LargeJobRole", "DatasetsRole"):
        for each in statements(plain, role):
            if {"s3:PutObject"} & set(listed(each["Action"])) and means(each["Resource"], "Originals"):
                yield f"{role} may write originals, which start it"
    for name, event in of_type(plain, "AWS::Events::Rule").items():
        bucket = event.get("EventPattern", {}).get("detail", {}).get("bucket")
        if bucket not in (None, {"name": [{"Ref": "Originals"}]}):
            yield f"{name} listens to {bucket}"
    for name, pipe in of_type(plain, "AWS::Pipes::Pipe").items():
        patterns = [each["Pattern"] for each in pipe["SourceParameters"]["FilterCriteria"]["Filters"]]
        wanted = facts["list prefix"] + (facts["job list"] if name == "JobPipe" else facts["dataset list"])
        if patterns != [f'{{"eventName":["INSERT"],"dynamodb":{{"Keys":{{"pk":{{"S":["{wanted}"]}}}}}}}}']:
            yield f"{name} does not match exactly new entries of a list of jobs: {patterns}"


@rule
def objects_are_kept_as_records_are(plain, facts):
    for name in STORES:
        lifecycle = properties(plain, name)["LifecycleConfiguration"]["Rules"]
        lifecycle = [each for each in lifecycle if each["Status"] == "Enabled"]
        tags = {}
        for each in lifecycle:
            for tag in each.get("TagFilters", []):
                tags[(tag["Key"], tag["Value"])] = each
        wanted = {(facts["retention tag"], word): days for word, days in facts["retention days"].items()}
        # What nobody completes is in no record.
        wanted[facts["uncompleted"]] = 2
        if {tag: each.get("ExpirationInDays") for tag, each in tags.items()} != wanted:
            yield f"{name} keeps {sorted(tags)} unlike the records: {wanted}"
        longest = tags.get((facts["retention tag"], "extended"), {})
        if not longest.get("Transitions"):
            yield f"{name} archives nothing"
        if not any(each.get("AbortIncompleteMultipartUpload") for each in lifecycle):
            yield f"{name} keeps incomplete multipart uploads"
        if facts["large tag"] not in wanted:
            yield "the zips of large images have another tag"
        plainly = [each for each in lifecycle if not {"TagFilters", "Prefix"} & set(each)]
        if max(facts["retention days"].values()) not in [each.get("ExpirationInDays") for each in plainly]:
            yield f"{name} keeps untagged objects forever"


@rule
def the_table_is_as_the_adapter_wants_it(plain, facts):
    table = properties(plain, "Table")
    schema = lambda keys: tuple(each["AttributeName"] for each in sorted(keys, key=lambda each: each["KeyType"]))
    indexes = {each["IndexName"]: schema(each["KeySchema"]) for each in table.get("GlobalSecondaryIndexes", [])}
    keys = [indexes.get(facts["index"]), schema(table["KeySchema"])]
    if keys != facts["keys"] or len(indexes) != 1:
        yield f"keys are {keys} instead of {facts['keys']}"
    attributes = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    if attributes != facts["attributes"]:
        yield f"attributes are {attributes}"
    if table.get("TimeToLiveSpecification") != {"AttributeName": facts["time to live"], "Enabled": True}:
        yield "rows do not expire"
    if table["BillingMode"] != "PAY_PER_REQUEST" or "StreamSpecification" not in table:
        yield "the table is not on demand, or has no stream"
    if table.get("PointInTimeRecoverySpecification") != {"PointInTimeRecoveryEnabled": True}:
        yield "the table has no point-in-time recovery"


@rule
def messages_are_neither_lost_nor_hurried(plain, facts):
    (source,) = of_type(plain, "AWS::Lambda::EventSourceMapping").values()
    queue, function = properties(plain, "Queue"), properties(plain, "AugmentFunction")
    if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield "one bad message fails its whole batch"
    if "DeadLetters" not in text_of(queue.get("RedrivePolicy", "")):
        yield "bad messages are redelivered forever"
    if not 1.1 * function["Timeout"] <= queue["VisibilityTimeout"] <= 2 * function["Timeout"]:
        yield "a message may be redelivered while it is processed, or long after it failed"
    if source.get("BatchSize") != 1:
        yield "a job may use up the time of another in its batch"
    # Throttled deliveries count too.
    if queue.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 3 * facts["attempts"] + 1:
        yield "a job may become a dead letter before its attempts are used up"
    default = lambda name: plain["Parameters"][name]["Default"]
    at_once = default(source["ScalingConfig"]["MaximumConcurrency"]["Ref"])
    items = facts["machine"]["States"]["AugmentItems"]["MaxConcurrency"]
    if at_once + items > default(function["ReservedConcurrentExecutions"]["Ref"]):
        yield "queue and state machine together exceed the function's reserved concurrency"


@rule
def every_route_reaches_the_api(plain, facts):
    config = properties(plain, "Site")["DistributionConfig"]
    paths = [each["PathPattern"] for each in config["CacheBehaviors"] if each["TargetOriginId"] == "api"]
    patterns = [re.compile(re.escape(path).replace(r"\*", ".*")) for path in paths]
    for route in facts["routes"]:
        if not any(pattern.fullmatch(route) for pattern in patterns):
            yield f"{route} is answered by the site, not by the API"
    for each in config["CacheBehaviors"]:
        if set(each["AllowedMethods"]) != {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}:
            yield f"{each['PathPattern']} does not allow every method"
    (origin,) = [each for each in config["Origins"] if each["Id"] == "api"]
    proof = {each["HeaderName"]: each["HeaderValue"] for each in origin.get("OriginCustomHeaders", [])}
    if proof.get("x-edge-secret") != properties(plain, "PresignFunction")["Environment"]["Variables"].get("DELTA_EDGE_SECRET"):
        yield "the site does not send the edge secret, so all visitors would count as one IP address"
    # The codes that CloudFront caches by itself.
    cached = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    if {each["ErrorCode"] for each in config.get("CustomErrorResponses", []) if each.get("ErrorCachingMinTTL") == 0} != cached:
        yield "the site caches errors of the API"
    body = text_of(properties(plain, "Api")["Body"])
    if "$default" not in body or "PresignFunction" not in body:
        yield "the API does not route everything to its function"


@rule
def the_policy_of_the_page_is_the_pages_own(plain, facts):
    headers = properties(plain, "SiteHeaders")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy, values = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    page = facts["page"].replace("{{connect}}", "${Stores}").replace("connect-src 'self' ${Stores}", "connect-src 'self' ${Stores} ${SignIn} ${OidcOrigins}")
    directives = lambda text: {tuple(each.split()) for each in text.split(";")}
    if directives(policy) != directives(page) | {("frame-ancestors", "'none'")}:
        yield f"the header's policy is not the page's: {sorted(directives(policy) ^ directives(page))}"
    stores = values["Stores"]["Fn::Sub"]
    if stores[0] != "https://${Originals}.${S3} https://${Results}.${S3}" or "*" in text_of(stores):
        yield "the policy allows connections beyond the two stores"
    # The page that is built has a policy too, from these origins.
    told = plain["Outputs"].get("SignInOrigins", {}).get("Value", {}).get("Fn::Sub")
    issuer = values["SignIn"]["Fn::If"][1]
    if told != ["${SignIn} ${OidcOrigins}", {"SignIn": issuer}] or "OidcIssuer" not in text_of(issuer):
        yield "the header's policy and the page's do not allow the same origins for sign-in"
    wanted = {"ContentTypeOptions", "FrameOptions", "ReferrerPolicy", "StrictTransportSecurity"}
    if not wanted <= set(headers):
        yield f"the site lacks {sorted(wanted - set(headers))}"
    site = properties(plain, "Site")["DistributionConfig"]["DefaultCacheBehavior"]
    if site.get("Compress") is not True or site["ResponseHeadersPolicyId"] != {"Ref": "SiteHeaders"}:
        yield "the site is not compressed, or lacks its headers"
    if site["ViewerProtocolPolicy"] != "redirect-to-https":
        yield "the site is served unencrypted"


@rule
def functions_are_arm_bounded_and_traced(plain, _facts):
    for name, function in of_type(plain, "AWS::Lambda::Function").items():
        if function.get("Architectures") != ["arm64"] or function.get("TracingConfig") != {"Mode": "Active"}:
            yield f"{name} is not for arm64, or is not traced"
        if "ReservedConcurrentExecutions" not in function:
            yield f"{name} has no reserved concurrency"
        if function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") not in of_type(plain, "AWS::Logs::LogGroup"):
            yield f"{name} keeps its log forever"
    for name in FUNCTIONS:
        if properties(plain, name)["Runtime"] != "provided.al2023":
            yield f"{name} has another runtime"
    for name, log in of_type(plain, "AWS::Logs::LogGroup").items():
        if not log.get("RetentionInDays"):
            yield f"{name} is kept forever"


@rule
def large_images_go_to_the_batch_service(plain, facts):
    pattern = properties(plain, "LargeDropped")["EventPattern"]
    if pattern["detail"]["object"].get("size") != [{"numeric": [">", facts["largest image"]]}]:
        yield f"images over {facts['largest image']} bytes do not go to the batch service"
    (target,) = properties(plain, "LargeDropped")["Targets"]
    if target["Arn"] != {"Ref": "LargeQueue"} or target["BatchParameters"]["JobDefinition"] != {"Ref": "LargeJob"}:
        yield "large images go elsewhere"
    if properties(plain, "LargeCompute")["ComputeResources"]["Type"] not in ("FARGATE_SPOT", "SPOT"):
        yield "the batch service does not run on spot capacity"


@rule
def the_operator_is_told(plain, _facts):
    watched = set()
    for name, alarm in of_type(plain, "AWS::CloudWatch::Alarm").items():
        watched.add((alarm["MetricName"], re.sub(r".* ", "", text_of(alarm["Dimensions"][0]["Value"]).replace(" QueueName", ""))))
        if alarm.get("AlarmActions") != [{"Ref": "News"}]:
            yield f"{name} has no recipient"
    wanted = {(metric, function) for metric in ("Errors", "Throttles") for function in FUNCTIONS}
    wanted |= {("ApproximateAgeOfOldestMessage", "Queue"), ("ApproximateNumberOfMessagesVisible", "DeadLetters")}
    wanted |= {("ExecutionsFailed", "Datasets")}
    if wanted - watched:
        yield f"no alarm for {sorted(wanted - watched)}"
    if not of_type(plain, "AWS::Budgets::Budget") or not of_type(plain, "AWS::CloudWatch::Dashboard"):
        yield "there is no budget, or no dashboard"


@rule
def the_state_machine_has_what_it_names(plain, facts):
    machine, definition = properties(plain, "Datasets"), text_of(facts["machine"])
    if set(re.findall(r"\$\{(\w+)\}", definition)) != set(machine["DefinitionSubstitutions"]):
        yield "the definition's substitutions do not match"
    items = facts["machine"]["States"]["AugmentItems"]
    read = re.search(r"'(\w+/)", items["ItemReader"]["Parameters"]["Key.$"])[1]
    write = items["ResultWriter"]["Parameters"]["Prefix"]
    may = {(action, text_of(each["Resource"])) for each in statements(plain, "DatasetsRole") for action in listed(each["Action"])}
    for action, path in (("s3:GetObject", f"${{Results.Arn}}/{read}*"), ("s3:PutObject", f"${{Results.Arn}}/{write}/*")):
        if (action, f"Fn::Sub {path}") not in may:
            yield f"the state machine may not {action} {path}"
    if items["ItemProcessor"]["ProcessorConfig"]["Mode"] != "DISTRIBUTED":
        yield "the map is not distributed"


@rule
def the_state_machine_speaks_as_the_function_and_the_api_do(_plain, facts):
    states = facts["machine"]["States"]
    items, job = states["AugmentItems"], f"$.{facts['job field']}"
    if items["ItemReader"]["Parameters"]["Key.$"] != f"States.Format('{facts['items']}', {job})":
        yield f"items are not read where the API writes them: {facts['items']}"
    if items["ItemSelector"] != {f"{facts['job field']}.$": job, f"{facts['item']}.$": f"$$.Map.Item.Value.{facts['item']}"}:
        yield "an item is not called by its number"
    payloads = [items["ItemSelector"]] + [state["Parameters"]["Payload"] for state in states.values() if state["Type"] == "Task"]
    named = [{name.removesuffix(".$") for name in payload} for payload in payloads]
    if any(facts["job field"] not in names or len(names) != 2 for names in named):
        yield "a call must have the job's id and one step"
    if set().union(*named) - {facts["job field"]} != facts["steps"]:
        yield f"the function takes the steps {sorted(facts['steps'])}, the machine calls other steps"
    # The key is a word, a slash and the id.
    taken = states["TakeJob"]["Parameters"].get(f"{facts['job field']}.$")
    if not re.fullmatch(r"\w+", facts["dataset key"]) or taken != "States.ArrayGetItem(States.StringSplit($.key, '/'), 1)":
        yield f"the id is not extracted from the key {facts['dataset key']}/ID"


@rule
def the_estimate_counts_what_there_is(plain, facts):
    estimate, default = facts["estimate"], plain["Parameters"]["AugmentMemory"]["Default"]
    here = {
        "ALARMS": len(of_type(plain, "AWS::CloudWatch::Alarm")),
        "AUGMENT_GB": default,
        "API_GB": properties(plain, "PresignFunction")["MemorySize"] / 1024,
        "STANDARD": facts["retention days"]["standard"],
        "EXTENDED": facts["retention days"]["extended"],
        "ARCHIVED": properties(plain, "Results")["LifecycleConfiguration"]["Rules"][1]["Transitions"][0]["TransitionInDays"],
    }
    for name, value in here.items():
        if estimate.get(name) != value:
            yield f"`delta estimate` has {name} as {estimate.get(name)}, the template as {value}"
