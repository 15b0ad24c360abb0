// The app on Flex Consumption. Its settings are the ones shared/config.ts reads, each service by address and identity.
param name string
param planName string
param location string
param tags object

@description('Resource id of the identity.')
param identityId string

@description('Client id of the same identity.')
param identityClientId string

param hostBlobEndpoint string
param hostQueueEndpoint string
param hostTableEndpoint string

@description('Container of the host storage that the deployed package lies in.')
param deploymentContainer string

param insightsEndpoint string
param tablesEndpoint string
param serviceBusNamespace string
param mailEndpoint string
param mailSender string
param mailPerMinute int
param mailPerHour int

@description('Key Vault reference of the signing key.')
param signingKeyReference string

param graphBaseUrl string
param entraClientId string
param homeTenantId string
param operatorMail string

@description('The address people use; empty for the one Azure gives.')
param publicUrl string

param maxRunningSyncs int
param maximumInstanceCount int

@description('Instances that always run for orchestrations, so that their queues are read in time.')
param alwaysReadyOrchestrations int

// A setting without a value would be taken for a wrong one, so it is left out.
var operatorSettings = empty(operatorMail) ? {} : { OPERATOR_MAIL: operatorMail }

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobEndpoint}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: '24'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyOrchestrations == 0 ? [] : [{ name: 'durable', instanceCount: alwaysReadyOrchestrations }]
      }
    }
  }
}

// Nobody publishes with a user name and password.
resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [
  for channel in ['scm', 'ftp']: {
    parent: site
    name: channel
    properties: {
      allow: false
    }
  }
]

// Apart from the site, because PUBLIC_URL is known only once the site exists.
resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: site
  name: 'appsettings'
  properties: union(operatorSettings, {
    AzureWebJobsStorage__blobServiceUri: hostBlobEndpoint
    AzureWebJobsStorage__queueServiceUri: hostQueueEndpoint
    AzureWebJobsStorage__tableServiceUri: hostTableEndpoint
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsEndpoint
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    GRAPH_BASE_URL: graphBaseUrl
    ENTRA_AUTHORITY_HOST: environment().authentication.loginEndpoint
    ENTRA_CLIENT_ID: entraClientId
    HOME_TENANT_ID: homeTenantId
    MANAGED_IDENTITY_CLIENT_ID: identityClientId
    TABLES_CONNECTION__tableServiceUri: tablesEndpoint
    SERVICEBUS_CONNECTION__fullyQualifiedNamespace: serviceBusNamespace
    SERVICEBUS_CONNECTION__credential: 'managedidentity'
    SERVICEBUS_CONNECTION__clientId: identityClientId
    EMAIL_CONNECTION__endpoint: mailEndpoint
    MAIL_SENDER: mailSender
    MAIL_PER_MINUTE: string(mailPerMinute)
    MAIL_PER_HOUR: string(mailPerHour)
    PUBLIC_URL: empty(publicUrl) ? 'https://${site.properties.defaultHostName}' : publicUrl
    TOKEN_SIGNING_KEY: signingKeyReference
    MAX_RUNNING_SYNCS: string(maxRunningSyncs)
    // Garbage is collected before the heap has grown by 60 % (docs/operations.md). The sandbox starts its worker with the same.
    languageWorkers__node__arguments: '--heap-growing-percent=60 --max-semi-space-size=32'
  })
}

output url string = empty(publicUrl) ? 'https://${site.properties.defaultHostName}' : publicUrl
