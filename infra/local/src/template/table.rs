//! `AWS::DynamoDB::Table`.

use super::{
    TemplateError,
    intrinsic::Names,
    node::{Fields, Node},
    spec::{AttributeType, IndexSpec, KeySpec, TableSpec},
};

const PROPERTIES: Fields<'static> = Fields {
    read: &["TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "TimeToLiveSpecification"],
    cloud_only: &["DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification", "Tags"],
};

/// Reads one table.
pub(super) fn read(resource: &Node<'_>, names: &Names) -> Result<TableSpec, TemplateError> {
    let properties = resource.need("Properties")?;
    properties.only(&PROPERTIES)?;
    properties.need("BillingMode")?.one_of(&["PAY_PER_REQUEST"])?;
    let attributes_node = properties.need("AttributeDefinitions")?;
    let attributes = attributes(&attributes_node)?;
    let key = key(&properties.need("KeySchema")?, &attributes)?;
    let indexes = indexes(&properties, &attributes)?;
    for (name, _) in &attributes {
        let used = |key: &KeySpec| &key.hash == name || key.range.as_ref().is_some_and(|r| r == name);
        if !used(&key) && !indexes.iter().any(|index| used(&index.key)) {
            return Err(attributes_node.error(format!("`{name}` is part of no key")));
        }
    }
    Ok(TableSpec { name: names.plain(&properties.need("TableName")?)?, attributes, key, indexes, ttl: ttl(&properties)? })
}

fn attributes(node: &Node<'_>) -> Result<Vec<(String, AttributeType)>, TemplateError> {
    node.elements()?
        .iter()
        .map(|element| {
            element.only(&Fields { read: &["AttributeName", "AttributeType"], cloud_only: &[] })?;
            let kind = element.need("AttributeType")?;
            let kind = match kind.text()? {
                "S" => AttributeType::Text,
                "N" => AttributeType::Number,
                "B" => AttributeType::Binary,
                other => return Err(kind.error(format!("`{other}` is none of S, N, B"))),
            };
            Ok((element.need("AttributeName")?.text()?.to_owned(), kind))
        })
        .collect()
}

fn key(node: &Node<'_>, attributes: &[(String, AttributeType)]) -> Result<KeySpec, TemplateError> {
    let mut hash = None;
    let mut range = None;
    for element in node.elements()? {
        element.only(&Fields { read: &["AttributeName", "KeyType"], cloud_only: &[] })?;
        let name_node = element.need("AttributeName")?;
        let name = name_node.text()?;
        if !attributes.iter().any(|(known, _)| known == name) {
            return Err(name_node.error(format!("`{name}` has no attribute definition")));
        }
        let kind = element.need("KeyType")?;
        let slot = match kind.one_of(&["HASH", "RANGE"])? {
            "HASH" => &mut hash,
            _ => &mut range,
        };
        if slot.replace(name.to_owned()).is_some() {
            return Err(kind.error("is there twice"));
        }
    }
    Ok(KeySpec { hash: hash.ok_or_else(|| node.error("needs a HASH key"))?, range })
}

fn indexes(properties: &Node<'_>, attributes: &[(String, AttributeType)]) -> Result<Vec<IndexSpec>, TemplateError> {
    let Some(list) = properties.get("GlobalSecondaryIndexes") else {
        return Ok(Vec::new());
    };
    list.elements()?
        .iter()
        .map(|element| {
            element.only(&Fields { read: &["IndexName", "KeySchema", "Projection"], cloud_only: &[] })?;
            let projection = element.need("Projection")?;
            projection.only(&Fields { read: &["ProjectionType"], cloud_only: &[] })?;
            projection.need("ProjectionType")?.one_of(&["ALL"])?;
            Ok(IndexSpec { name: element.need("IndexName")?.text()?.to_owned(), key: key(&element.need("KeySchema")?, attributes)? })
        })
        .collect()
}

fn ttl(properties: &Node<'_>) -> Result<Option<String>, TemplateError> {
    let Some(node) = properties.get("TimeToLiveSpecification") else {
        return Ok(None);
    };
    node.only(&Fields { read: &["AttributeName", "Enabled"], cloud_only: &[] })?;
    let attribute = node.need("AttributeName")?.text()?.to_owned();
    Ok(node.need("Enabled")?.boolean()?.then_some(attribute))
}
