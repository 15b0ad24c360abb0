// Communication Services and the domain mail comes from. An Azure-managed domain works at once but has a small quota; a domain of
// your own is created first, verified by DNS records, and used from the next deployment on.
param communicationName string
param emailServiceName string
param topicName string
param dataLocation string
param tags object
param principalId string

@description('A domain of your own; empty for the Azure-managed one alone.')
param customDomain string

@description('Whether the DNS records of that domain are verified, so that mail may come from it.')
param customDomainVerified bool

var communicationAndEmailServiceOwner = '09976791-48a7-449e-bb21-39d1a415f350'
var usesCustomDomain = !empty(customDomain) && customDomainVerified

resource emailService 'Microsoft.Communication/emailServices@2026-03-18' = {
  name: emailServiceName
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
  }
}

resource managedDomain 'Microsoft.Communication/emailServices/domains@2026-03-18' = {
  parent: emailService
  name: 'AzureManagedDomain'
  location: 'global'
  tags: tags
  properties: {
    domainManagement: 'AzureManaged'
    userEngagementTracking: 'Disabled'
  }
}

resource ownDomain 'Microsoft.Communication/emailServices/domains@2026-03-18' = if (!empty(customDomain)) {
  parent: emailService
  name: empty(customDomain) ? 'unused' : customDomain
  location: 'global'
  tags: tags
  properties: {
    domainManagement: 'CustomerManaged'
    userEngagementTracking: 'Disabled'
  }
}

resource communication 'Microsoft.Communication/communicationServices@2026-03-18' = {
  name: communicationName
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
    disableLocalAuth: true
    linkedDomains: [usesCustomDomain ? ownDomain.id : managedDomain.id]
  }
}

// The only built-in role that allows sending; it is broad, so it is given on this one resource.
resource sender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(communication.id, principalId, communicationAndEmailServiceOwner)
  scope: communication
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', communicationAndEmailServiceOwner)
  }
}

// What became of each mail. The topic has an identity of its own, so that it can deliver without a key; like its source it is global.
resource events 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: topicName
  location: 'global'
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: communication.id
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

output topicName string = events.name
output topicPrincipalId string = events.identity.principalId
output endpoint string = 'https://${communication.properties.hostName}'
output senderAddress string = usesCustomDomain ? 'DoNotReply@${customDomain}' : 'DoNotReply@${managedDomain.properties.fromSenderDomain}'
// The service's quotas for one subscription: 5 mails a minute and 10 an hour from an Azure-managed domain, 30 and 100 from another.
output perMinute int = usesCustomDomain ? 30 : 5
output perHour int = usesCustomDomain ? 100 : 10
