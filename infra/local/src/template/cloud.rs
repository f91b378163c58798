//! The allow-list of what has a meaning in the cloud only. Anything that is not on it is an error.

use super::{
    HTTP_API, TemplateError,
    node::{Fields, Node},
};

/// What may stand beside `Type` in a resource.
const FRAME: Fields<'static> =
    Fields { read: &["Type", "Properties", "Metadata"], cloud_only: &["DeletionPolicy", "UpdateReplacePolicy", "DependsOn"] };

/// Resource types without a counterpart on one machine, and their known properties.
const CLOUD_ONLY: &[(&str, &[&str])] = &[
    (
        "AWS::CloudWatch::Alarm",
        &[
            "AlarmDescription",
            "Namespace",
            "MetricName",
            "Dimensions",
            "Statistic",
            "Period",
            "EvaluationPeriods",
            "DatapointsToAlarm",
            "Threshold",
            "ComparisonOperator",
            "TreatMissingData",
            "AlarmActions",
            "OKActions",
        ],
    ),
    ("AWS::Logs::LogGroup", &["LogGroupName", "RetentionInDays", "KmsKeyId"]),
    ("AWS::IAM::Role", &["AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies", "Description"]),
    ("AWS::SNS::Topic", &["TopicName", "DisplayName"]),
    // The door itself: its routes are said by the functions.
    (HTTP_API, &["Name", "Description", "DefaultRouteSettings", "AccessLogSettings"]),
];

/// Refuses what is not part of a resource's frame.
pub(super) fn check_frame(resource: &Node<'_>) -> Result<(), TemplateError> {
    resource.only(&FRAME)
}

/// Refuses a resource of a type that is unknown here, or one with an unknown property.
pub(super) fn check(kind: &str, resource: &Node<'_>) -> Result<(), TemplateError> {
    let Some((_, properties)) = CLOUD_ONLY.iter().find(|(known, _)| *known == kind) else {
        return Err(resource.error(format!("the local stack knows no resource of type `{kind}`")));
    };
    match resource.get("Properties") {
        Some(node) => node.only(&Fields { read: &[], cloud_only: properties }),
        None => Ok(()),
    }
}
