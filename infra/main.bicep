// Everything Muster needs in Azure, in one resource group, without a key or a password. See infra/README.md.
targetScope = 'subscription'

@minLength(1)
@maxLength(32)
@description('Name of the environment; part of the names of all resources.')
param environmentName string

@minLength(1)
@description('Azure region.')
param location string

@minLength(36)
@maxLength(36)
@description('Client id of the multi-tenant app registration that customers consent to.')
param entraClientId string

@description('The tenant of that app registration.')
param homeTenantId string = tenant().tenantId

@description('Microsoft Graph of the cloud that customers are in.')
param graphBaseUrl string = 'https://graph.microsoft.com'

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
@description('Redundancy of both storage accounts; not every region has zones.')
param storageSku string = 'Standard_ZRS'

@description('Where Communication Services keeps data, such as Europe or United States.')
param mailDataLocation string = 'Europe'

@description('A domain of your own to send mail from; empty for the Azure-managed one.')
param mailDomain string = ''

@description('Whether the DNS records of that domain are verified.')
param mailDomainVerified bool = false

@description('Who is told when our own access is lost; empty for nobody.')
param operatorMail string = ''

@description('The address people use; empty for the one Azure gives.')
param publicUrl string = ''

@description('Whether the signing key of an earlier deployment is kept; true from the second deployment on.')
param keepSigningKey bool = false

@minValue(1)
@maxValue(1000)
@description('Companies that may be synced at the same time.')
param maxRunningSyncs int = 200

@minValue(40)
@maxValue(1000)
@description('Most instances of the app.')
param maximumInstanceCount int = 40

@minValue(0)
@description('Instances that always run for orchestrations; 0 is cheaper and slower.')
param alwaysReadyOrchestrations int = 1

var unique = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }
var deploymentContainer = 'deployments'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: {
    name: 'id-muster-${unique}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    workspaceName: 'log-muster-${unique}'
    insightsName: 'appi-muster-${unique}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

// The host keeps the package, leases, timers and orchestrations here.
module hostStorage 'modules/storage.bicep' = {
  scope: group
  name: 'host-storage'
  params: {
    name: 'sthost${unique}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    sku: storageSku
    containers: [deploymentContainer]
    roles: ['blobDataOwner', 'queueDataContributor', 'tableDataContributor']
  }
}

// The app's own data, apart from what the host does with its account.
module dataStorage 'modules/storage.bicep' = {
  scope: group
  name: 'data-storage'
  params: {
    name: 'stdata${unique}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    sku: storageSku
    roles: ['tableDataContributor']
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  scope: group
  name: 'service-bus'
  params: {
    namespaceName: 'sb-muster-${unique}'
    queueName: 'mail'
    resetQueueName: 'password-resets'
    reportQueueName: 'mail-reports'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    reporterPrincipalId: mail.outputs.topicPrincipalId
  }
}

module mail 'modules/mail.bicep' = {
  scope: group
  name: 'mail'
  params: {
    communicationName: 'acs-muster-${unique}'
    emailServiceName: 'mail-muster-${unique}'
    topicName: 'evgt-muster-${unique}'
    dataLocation: mailDataLocation
    tags: tags
    principalId: identity.outputs.principalId
    customDomain: mailDomain
    customDomainVerified: mailDomainVerified
  }
}

module mailReports 'modules/mail-reports.bicep' = {
  scope: group
  name: 'mail-reports'
  params: {
    topicName: mail.outputs.topicName
    queueId: serviceBus.outputs.reportQueueId
  }
}

module keyVault 'modules/key-vault.bicep' = {
  scope: group
  name: 'key-vault'
  params: {
    name: 'kv-${unique}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    keepSigningKey: keepSigningKey
  }
}

module functionApp 'modules/function-app.bicep' = {
  scope: group
  name: 'function-app'
  params: {
    name: 'func-muster-${unique}'
    planName: 'plan-muster-${unique}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostBlobEndpoint: hostStorage.outputs.blobEndpoint
    hostQueueEndpoint: hostStorage.outputs.queueEndpoint
    hostTableEndpoint: hostStorage.outputs.tableEndpoint
    deploymentContainer: deploymentContainer
    insightsEndpoint: monitoring.outputs.insightsEndpoint
    tablesEndpoint: dataStorage.outputs.tableEndpoint
    serviceBusNamespace: serviceBus.outputs.fullyQualifiedNamespace
    mailEndpoint: mail.outputs.endpoint
    mailSender: mail.outputs.senderAddress
    mailPerMinute: mail.outputs.perMinute
    mailPerHour: mail.outputs.perHour
    signingKeyReference: keyVault.outputs.signingKeyReference
    graphBaseUrl: graphBaseUrl
    entraClientId: entraClientId
    homeTenantId: homeTenantId
    operatorMail: operatorMail
    publicUrl: publicUrl
    maxRunningSyncs: maxRunningSyncs
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyOrchestrations: alwaysReadyOrchestrations
  }
}

output PUBLIC_URL string = functionApp.outputs.url
output MUSTER_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
// azd keeps outputs in its environment; main.parameters.json gives this one back as keepSigningKey.
output MUSTER_SIGNING_KEY_KEPT bool = true
